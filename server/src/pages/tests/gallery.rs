//! Every page in every state, as an example.

use crate::{
    config::PagesConfig,
    model::password::InvalidPassword,
    pages::{
        Page,
        language::Language,
        look::{Frame, Look},
        notice::Notice,
        policy_of,
        view::*,
    },
};

/// A page that was rendered.
pub struct Picture {
    /// Which page, in which state.
    pub name: &'static str,
    /// Its text.
    pub html: String,
    /// Its policy.
    pub policy: String,
}

/// What the examples are made of.
pub struct Gallery<'a> {
    frame: Frame<'a>,
    /// What clients call themselves.
    pub client: &'a str,
    pictures: Vec<Picture>,
}

/// The look of an installation that says nothing about it.
pub fn plain_look() -> Look {
    Look::new(&PagesConfig::default()).unwrap()
}

impl<'a> Gallery<'a> {
    /// Renders every page in one language, with a client of this name.
    pub fn of(look: &'a Look, language: Language, client: &'a str) -> Vec<Picture> {
        let mut gallery = Self { frame: Frame::new(look, language), client, pictures: Vec::new() };
        gallery.logins();
        gallery.consents();
        gallery.devices();
        gallery.logouts();
        gallery.passwords();
        gallery.accounts();
        gallery.messages();
        gallery.pictures
    }

    fn hang(&mut self, name: &'static str, page: &impl Page) {
        let (html, policy) = (page.render().unwrap(), policy_of(page));
        self.pictures.push(Picture { name, html, policy });
    }

    fn client(&self) -> ClientShown {
        let web = |path| WebUrl::parse(&format!("https://photos.example/{path}"));
        ClientShown {
            name: self.client.to_owned(),
            logo_uri: web("logo.png"),
            policy_uri: web("privacy"),
            tos_uri: web("terms"),
            client_uri: web(""),
        }
    }

    fn bare_client(&self) -> ClientShown {
        let client = self.client();
        ClientShown { logo_uri: None, policy_uri: None, tos_uri: None, client_uri: None, ..client }
    }

    fn logins(&mut self) {
        let (frame, client) = (self.frame, self.client());
        let page = LoginPage {
            frame,
            form: form("login"),
            client: None,
            login_hint: None,
            notice: None,
            register: None,
            forgotten: "/forgotten".into(),
            cancel: false,
        };
        self.hang("login", &page);
        let notice = Some(Notice::Throttled(42));
        let register = Some("/register".into());
        let bare = Some(self.bare_client());
        let again = LoginPage { client: bare, login_hint: Some(USER.into()), notice, register, cancel: true, ..page };
        self.hang("login-again", &again);
        let notice = Some(Notice::LogInAgain);
        let asked = LoginPage { client: Some(client.clone()), login_hint: None, notice, ..again };
        self.hang("login-client", &asked);
        let select = SelectAccountPage { frame, form: form("select"), client: Some(client), user: USER.into() };
        self.hang("select-account", &select);
    }

    fn consents(&mut self) {
        let page = ConsentPage {
            frame: self.frame,
            form: form("consent"),
            client: self.client(),
            user: USER.into(),
            scopes: scopes(&["openid", "profile", "email", "address", "phone", "offline_access", "photos:write"]),
            remember: true,
        };
        self.hang("consent", &page);
        let short =
            ConsentPage { client: self.bare_client(), scopes: scopes(&["openid", "email"]), remember: false, ..page };
        self.hang("consent-short", &short);
    }

    fn devices(&mut self) {
        let frame = self.frame;
        let enter = |code: &str, notice| DeviceState::Enter { form: form("device"), code: code.into(), notice };
        let confirm = DeviceState::Confirm {
            form: form("device"),
            client: Box::new(self.client()),
            user: USER.into(),
            code: "WDJB-MJHT".into(),
            scopes: scopes(&["openid", "offline_access"]),
        };
        self.hang("device", &DevicePage { frame, state: enter("", None) });
        self.hang("device-wrong", &DevicePage { frame, state: enter("WDJB-MJH", Some(Notice::WrongDeviceCode)) });
        self.hang("device-confirm", &DevicePage { frame, state: confirm });
        self.hang("device-allowed", &DevicePage { frame, state: DeviceState::Allowed });
        self.hang("device-denied", &DevicePage { frame, state: DeviceState::Denied });
    }

    fn logouts(&mut self) {
        let frame = self.frame;
        let ask = LogoutState::Ask { form: form("logout"), user: USER.into() };
        let frames = ["https://a.example/out?sid=1&iss=x", "https://a.example/other", "https://b.example/out"];
        let leaving = LogoutState::Leaving {
            frames: frames.into_iter().filter_map(WebUrl::parse).collect(),
            next: Some("https://photos.example/bye?state=a&b=\"".into()),
        };
        self.hang("logout", &LogoutPage { frame, state: ask });
        self.hang("logout-done", &LogoutPage { frame, state: LogoutState::Done });
        self.hang("logout-leaving", &LogoutPage { frame, state: leaving });
    }

    fn passwords(&mut self) {
        let (frame, login) = (self.frame, Some("/login".to_owned()));
        let short = Some(Notice::Broken(InvalidPassword::TooShort(8).into()));
        let ask = |email, notice| ForgottenState::Ask { form: form("forgotten"), email, notice };
        let wrong = Field { value: "ann".into(), notice: Some(Notice::Invalid) };
        let busy = Some(Notice::Busy);
        self.hang("forgotten", &ForgottenPage { frame, state: ask(Field::default(), None), login: login.clone() });
        self.hang("forgotten-wrong", &ForgottenPage { frame, state: ask(wrong, busy), login: login.clone() });
        self.hang("forgotten-sent", &ForgottenPage { frame, state: ForgottenState::Sent, login: login.clone() });
        let asking = |notice| NewPasswordState::Asking { form: form("set_password"), least: 8, notice };
        self.hang("new-password", &NewPasswordPage { frame, state: asking(None), login: None });
        self.hang("new-password-wrong", &NewPasswordPage { frame, state: asking(short), login: None });
        self.hang("new-password-done", &NewPasswordPage { frame, state: NewPasswordState::Done, login });
        self.hang("new-password-invalid", &NewPasswordPage { frame, state: NewPasswordState::Invalid, login: None });
        let common = Some(Notice::Broken(InvalidPassword::Common.into()));
        let (form, user) = (form("password"), USER.to_owned());
        let page = TemporaryPasswordPage { frame, form, user, least: 8, notice: common, form_notice: None };
        self.hang("temporary-password", &page);
    }

    fn accounts(&mut self) {
        let page = RegisterPage {
            frame: self.frame,
            form: form("register"),
            client: Some(self.client()),
            email: Field::default(),
            username: Field::default(),
            password: None,
            least: 8,
            notice: None,
            login: "/login".into(),
            cancel: true,
        };
        self.hang("register", &page);
        let email = Field { value: USER.into(), notice: Some(Notice::EmailTaken) };
        let password = Some(Notice::Broken(InvalidPassword::TooShort(8).into()));
        let wrong = RegisterPage { email, password, notice: Some(Notice::Expired), client: None, ..page };
        self.hang("register-wrong", &wrong);
        let account = self.account();
        self.hang("account", &account);
    }

    fn account(&self) -> AccountPage<'a> {
        let field = |value: &str| Field { value: value.into(), notice: None };
        let session = |id: &str, user_agent: &str, current| SessionShown {
            id: id.into(),
            user_agent: user_agent.into(),
            address: "2001:db8::17".into(),
            last_seen: "2026-03-12T14:05:09Z".parse().unwrap(),
            current,
        };
        let consent = ConsentShown {
            id: "7b0e".into(),
            client: self.client(),
            scopes: scopes(&["openid", "profile", "photos:write"]),
            allowed_at: "2026-01-31T09:00:00Z".parse().unwrap(),
        };
        AccountPage {
            frame: self.frame,
            user: USER.into(),
            profile: ProfileSection {
                form: form("profile"),
                notice: Some(Notice::ConfirmationSent),
                email: field(USER),
                username: field("ann"),
                more: Kind::PROFILE.into_iter().map(|kind| (kind, Field::default())).collect(),
                confirmed: true,
                pending: Some("ann@new.example".into()),
            },
            password: PasswordSection {
                form: form("password"),
                notice: None,
                current: Some(Notice::WrongPassword),
                new: None,
                least: 8,
            },
            sessions: SessionsSection {
                form: form("sessions"),
                notice: Some(Notice::SessionEnded),
                sessions: vec![
                    session("1", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", true),
                    session("2", "", false),
                ],
            },
            consents: ConsentsSection { form: form("consents"), notice: None, consents: vec![consent] },
        }
    }

    fn messages(&mut self) {
        let frame = self.frame;
        self.hang("address-confirmed", &AddressPage { frame, confirmed: true });
        self.hang("address-invalid", &AddressPage { frame, confirmed: false });
        for kind in ErrorKind::ALL {
            let name = if kind == ErrorKind::Request { "error-request" } else { "error" };
            let told = "redirect_uri is not registered: https://photos.example/callback?x=<1>".to_owned();
            let description = (kind == ErrorKind::Request).then_some(told);
            self.hang(name, &ErrorPage { frame, kind, description, request_id: "3f9ac2e41b7d8806".into() });
        }
        let fields = vec![("code".into(), "abc".into()), ("state".into(), "\"><script>alert(1)</script>".into())];
        self.hang("form-post", &FormPostPage { frame, action: "https://photos.example/callback".into(), fields });
    }
}

const USER: &str = "ann@example.com";

fn form(action: &str) -> Form {
    Form { action: format!("/{action}"), token: "3q2-7w".into() }
}

fn scopes(names: &[&str]) -> Vec<ScopeShown> {
    names.iter().map(|name| ScopeShown::new(name)).collect()
}
