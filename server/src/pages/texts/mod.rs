//! Everything the pages say, one table for each language. The tables are of one type, so a text that is missing in one of
//! them does not compile.

mod english;
mod french;
mod german;
mod notices;
mod spanish;

pub use english::ENGLISH;
pub use french::FRENCH;
pub use german::GERMAN;
pub use notices::Notices;
pub use spanish::SPANISH;

/// What stands before and after a name. The name itself is written apart, so that none can turn the text around it.
pub type Around = (&'static str, &'static str);

/// A heading, and what it is about.
pub struct Message {
    /// In a few words.
    pub heading: &'static str,
    /// In a sentence or two.
    pub text: &'static str,
}

/// All texts of a language.
pub struct Texts {
    /// On several pages.
    pub common: Common,
    /// Logging in.
    pub login: Login,
    /// Choosing an account.
    pub select: Select,
    /// Allowing a client.
    pub consent: Consent,
    /// What a client may get.
    pub scopes: Scopes,
    /// Connecting a device.
    pub device: Device,
    /// Logging out.
    pub logout: Logout,
    /// What went wrong as a whole.
    pub errors: Errors,
    /// A password that was forgotten.
    pub forgotten: Forgotten,
    /// A password that is new.
    pub passwords: Passwords,
    /// Registering.
    pub register: Register,
    /// The address was confirmed.
    pub confirmed: Message,
    /// It was not.
    pub not_confirmed: Message,
    /// One's own account.
    pub account: Account,
    /// Fields of one's profile.
    pub profile: Profile,
    /// On the way back to a client.
    pub form_post: Message,
    /// What was wrong, or went well.
    pub notices: Notices,
}

/// On several pages.
pub struct Common {
    /// A button.
    pub log_in: &'static str,
    /// A button.
    pub cancel: &'static str,
    /// A button or link.
    pub go_on: &'static str,
    /// A button.
    pub save: &'static str,
    /// Beside a label.
    pub optional: &'static str,
    /// A label.
    pub password: &'static str,
    /// A label.
    pub current_password: &'static str,
    /// A label.
    pub new_password: &'static str,
    /// What a password needs, by its least number of characters.
    pub password_hint: fn(i64) -> String,
    /// A link of a client.
    pub privacy: &'static str,
    /// A link of a client.
    pub terms: &'static str,
    /// Whose account this is.
    pub logged_in_as: Around,
    /// A link.
    pub back_to_login: &'static str,
}

/// Logging in.
pub struct Login {
    /// What the page is for.
    pub heading: &'static str,
    /// Where it leads.
    pub to_client: Around,
    /// A label: address or name.
    pub name: &'static str,
    /// A link.
    pub forgotten: &'static str,
    /// Before the link to registration.
    pub no_account: &'static str,
    /// That link.
    pub register: &'static str,
}

/// Choosing an account.
pub struct Select {
    /// What the page is for.
    pub heading: &'static str,
    /// A button: the one that is logged in.
    pub current: Around,
    /// A button.
    pub other: &'static str,
}

/// Allowing a client.
pub struct Consent {
    /// The question.
    pub heading: Around,
    /// Before the list of scopes.
    pub asks: &'static str,
    /// A checkbox.
    pub remember: &'static str,
    /// That nothing is for ever.
    pub revocable: &'static str,
    /// A button.
    pub allow: &'static str,
    /// A button.
    pub deny: &'static str,
}

/// What a client may get.
pub struct Scopes {
    /// `openid`
    pub openid: Message,
    /// `profile`
    pub profile: Message,
    /// `email`
    pub email: Message,
    /// `address`
    pub address: Message,
    /// `phone`
    pub phone: Message,
    /// `offline_access`
    pub offline_access: Message,
    /// `account`, which the terminal program alone gets.
    pub account: Message,
    /// Beneath the name of any other.
    pub unknown: &'static str,
}

/// Connecting a device.
pub struct Device {
    /// What to enter.
    pub enter: Message,
    /// A label.
    pub code: &'static str,
    /// The question.
    pub confirm: Around,
    /// Before the code.
    pub compare: &'static str,
    /// Against those who talk people into it.
    pub beware: &'static str,
    /// It was allowed.
    pub allowed: Message,
    /// It was not.
    pub denied: Message,
}

/// Logging out.
pub struct Logout {
    /// The question.
    pub ask: Message,
    /// A button.
    pub yes: &'static str,
    /// A button.
    pub no: &'static str,
    /// It is done.
    pub done: Message,
    /// It is done here, and being done at the clients.
    pub leaving: Message,
    /// Of the frames in which clients do it.
    pub frame: &'static str,
}

/// What went wrong as a whole.
pub struct Errors {
    /// The client asked for something that cannot be.
    pub request: Message,
    /// The page was left open for too long, or used twice.
    pub expired: Message,
    /// Nothing is there.
    pub missing: Message,
    /// That is not for this user.
    pub forbidden: Message,
    /// Too many tries.
    pub throttled: Message,
    /// Too much to do, or the database is away.
    pub busy: Message,
    /// Our fault.
    pub fault: Message,
    /// Before what a developer needs to know.
    pub details: &'static str,
    /// Before the id of the request.
    pub reference: &'static str,
}

/// A password that was forgotten.
pub struct Forgotten {
    /// What to enter.
    pub ask: Message,
    /// A button.
    pub send: &'static str,
    /// What to do now, whether there is such an account or not.
    pub sent: Message,
}

/// A password that is new.
pub struct Passwords {
    /// What the page is for.
    pub heading: &'static str,
    /// A button.
    pub set: &'static str,
    /// It is set.
    pub done: Message,
    /// The link is good for nothing.
    pub invalid: Message,
    /// After a login with a temporary one.
    pub temporary: Message,
}

/// Registering.
pub struct Register {
    /// What the page is for.
    pub heading: &'static str,
    /// What the name is for.
    pub username_hint: &'static str,
    /// A button.
    pub create: &'static str,
    /// Before the link to the login.
    pub have_account: &'static str,
}

/// One's own account.
pub struct Account {
    /// What the page is.
    pub heading: &'static str,
    /// A section.
    pub profile: &'static str,
    /// A section.
    pub password: &'static str,
    /// A section.
    pub sessions: &'static str,
    /// A section.
    pub consents: &'static str,
    /// The address was not confirmed.
    pub unconfirmed: &'static str,
    /// Another address is to be confirmed.
    pub pending: Around,
    /// A button.
    pub change_password: &'static str,
    /// Marks the session the page is seen with.
    pub this_session: &'static str,
    /// Of a session that does not say what it is.
    pub unknown_device: &'static str,
    /// Before an instant.
    pub last_seen: &'static str,
    /// A button.
    pub end_session: &'static str,
    /// A button.
    pub end_others: &'static str,
    /// Before an instant.
    pub allowed_at: &'static str,
    /// A button.
    pub withdraw: &'static str,
    /// Nobody has access.
    pub no_consents: &'static str,
}

/// Fields of one's profile.
pub struct Profile {
    /// `email`
    pub email: &'static str,
    /// The name to log in with.
    pub username: &'static str,
    /// `name`
    pub name: &'static str,
    /// `given_name`
    pub given_name: &'static str,
    /// `family_name`
    pub family_name: &'static str,
    /// `nickname`
    pub nickname: &'static str,
    /// `birthdate`
    pub birthdate: &'static str,
    /// `phone_number`
    pub phone_number: &'static str,
    /// `website`
    pub website: &'static str,
}
