//! German, with „Sie“.

use super::{
    Account, Common, Consent, Device, Errors, Forgotten, Login, Logout, Message, Notices, Passwords, Profile, Register,
    Scopes, Select, Texts,
};

/// What the pages say in German.
pub static GERMAN: Texts = Texts {
    common: Common {
        log_in: "Anmelden",
        cancel: "Abbrechen",
        go_on: "Weiter",
        save: "Änderungen speichern",
        optional: "freiwillig",
        password: "Passwort",
        current_password: "Aktuelles Passwort",
        new_password: "Neues Passwort",
        password_hint: |least| format!("Mindestens {least} Zeichen. Gut sind mehrere Wörter hintereinander."),
        privacy: "Datenschutzerklärung",
        terms: "Nutzungsbedingungen",
        logged_in_as: ("Sie sind angemeldet als ", "."),
        back_to_login: "Zurück zur Anmeldung",
    },
    login: Login {
        heading: "Anmelden",
        to_client: ("weiter zu ", ""),
        name: "E-Mail-Adresse oder Benutzername",
        forgotten: "Passwort vergessen?",
        no_account: "Noch kein Konto?",
        register: "Konto erstellen",
    },
    select: Select { heading: "Konto auswählen", current: ("Weiter als ", ""), other: "Anderes Konto verwenden" },
    consent: Consent {
        heading: ("Darf ", " auf Ihr Konto zugreifen?"),
        asks: "Wenn Sie zustimmen, kann die App:",
        remember: "Bei dieser App nicht mehr nachfragen",
        revocable: "Sie können dies jederzeit in Ihrem Konto widerrufen.",
        allow: "Zulassen",
        deny: "Ablehnen",
    },
    scopes: Scopes {
        openid: Message {
            heading: "Sie wiedererkennen",
            text: "Sehen, dass Sie es sind, ohne Ihr Passwort zu erfahren.",
        },
        profile: Message {
            heading: "Ihr Profil sehen",
            text: "Ihren Namen, Ihr Bild und weitere Angaben, die Sie gemacht haben.",
        },
        email: Message { heading: "Ihre E-Mail-Adresse sehen", text: "Ihre Adresse, und ob Sie sie bestätigt haben." },
        address: Message { heading: "Ihre Postanschrift sehen", text: "Straße, Ort und Land." },
        phone: Message { heading: "Ihre Telefonnummer sehen", text: "Ihre Nummer, und ob Sie sie bestätigt haben." },
        offline_access: Message {
            heading: "Verbunden bleiben",
            text: "Den Zugriff auch in Ihrer Abwesenheit behalten, bis Sie ihn widerrufen.",
        },
        account: Message {
            heading: "Alles verwalten",
            text: "Benutzer, Sitzungen, Clients, Schlüssel und Einstellungen in Ihrem Namen verwalten, so weit Ihr Konto das darf.",
        },
        unknown: "Wozu das dient, weiß die App.",
    },
    device: Device {
        enter: Message { heading: "Gerät verbinden", text: "Geben Sie den Code ein, den Ihr Gerät anzeigt." },
        code: "Code",
        confirm: ("", " mit Ihrem Konto verbinden?"),
        compare: "Ihr Gerät muss genau diesen Code anzeigen:",
        beware: "Stimmen Sie nur zu, wenn Sie dies selbst begonnen haben. \
                 Hat Ihnen jemand den Code geschickt, wählen Sie „Ablehnen“.",
        allowed: Message {
            heading: "Gerät verbunden",
            text: "Machen Sie an Ihrem Gerät weiter. Sie können diese Seite schließen.",
        },
        denied: Message {
            heading: "Gerät nicht verbunden",
            text: "Das Gerät hat keinen Zugriff erhalten. Sie können diese Seite schließen.",
        },
    },
    logout: Logout {
        ask: Message {
            heading: "Abmelden?",
            text: "Um Ihre Apps zu verwenden, müssen Sie sich danach wieder anmelden.",
        },
        yes: "Abmelden",
        no: "Angemeldet bleiben",
        done: Message { heading: "Sie sind abgemeldet", text: "Sie können diese Seite schließen." },
        leaving: Message {
            heading: "Sie sind abgemeldet",
            text: "Ihre Apps werden benachrichtigt. Dauert das zu lange, können Sie schon weitergehen.",
        },
        frame: "Abmeldung von einer App",
    },
    errors: Errors {
        request: Message {
            heading: "Diese Anfrage kann nicht angenommen werden",
            text: "Die App hat Sie auf eine Weise hierher geschickt, die nicht erlaubt ist. Es wurde nichts weitergegeben. \
                   Gehen Sie zur App zurück und versuchen Sie es noch einmal; hilft das nicht, verständigen Sie den \
                   Anbieter der App.",
        },
        expired: Message {
            heading: "Diese Seite ist abgelaufen",
            text: "Sie war zu lange offen oder wurde bereits verwendet. Gehen Sie zur App zurück und beginnen Sie neu.",
        },
        missing: Message {
            heading: "Seite nicht gefunden",
            text: "Unter dieser Adresse gibt es nichts. Prüfen Sie, ob der Link vollständig ist.",
        },
        forbidden: Message { heading: "Nicht erlaubt", text: "Ihrem Konto ist dies nicht erlaubt." },
        throttled: Message {
            heading: "Zu viele Versuche",
            text: "Bitte warten Sie einen Moment und versuchen Sie es dann noch einmal.",
        },
        busy: Message {
            heading: "Bitte versuchen Sie es gleich noch einmal",
            text: "Hier ist gerade sehr viel zu tun. Ihre Daten sind sicher.",
        },
        fault: Message {
            heading: "Etwas ist schiefgegangen",
            text: "Das liegt an uns, nicht an Ihnen. Bitte versuchen Sie es später noch einmal.",
        },
        details: "Einzelheiten für den Anbieter der App",
        reference: "Kennung",
    },
    forgotten: Forgotten {
        ask: Message {
            heading: "Passwort vergessen?",
            text: "Geben Sie die E-Mail-Adresse Ihres Kontos ein. Wir schicken Ihnen einen Link, mit dem Sie ein neues \
                   Passwort wählen können.",
        },
        send: "Link schicken",
        sent: Message {
            heading: "Sehen Sie in Ihr Postfach",
            text: "Wenn es ein Konto mit dieser Adresse gibt, ist eine E-Mail an Sie unterwegs. \
                   Kommt sie nicht in den nächsten Minuten an, sehen Sie auch im Spam-Ordner nach.",
        },
    },
    passwords: Passwords {
        heading: "Passwort wählen",
        set: "Passwort setzen",
        done: Message { heading: "Passwort gesetzt", text: "Sie können diese Seite schließen und sich anmelden." },
        invalid: Message {
            heading: "Dieser Link ist nicht gültig",
            text: "Er ist abgelaufen oder wurde schon verwendet. Bitte fordern Sie einen neuen an.",
        },
        temporary: Message {
            heading: "Neues Passwort wählen",
            text: "Sie haben sich mit einem vorläufigen Passwort angemeldet. Wählen Sie ein eigenes, um fortzufahren.",
        },
    },
    register: Register {
        heading: "Konto erstellen",
        username_hint: "Andere können ihn sehen, und Sie können sich damit anmelden.",
        create: "Konto erstellen",
        have_account: "Haben Sie schon ein Konto?",
    },
    confirmed: Message {
        heading: "Adresse bestätigt",
        text: "Vielen Dank. Sie können diese Seite schließen und sich anmelden.",
    },
    not_confirmed: Message {
        heading: "Dieser Link ist nicht gültig",
        text: "Er ist abgelaufen oder wurde schon verwendet. Ist Ihre Adresse noch nicht bestätigt, fordern Sie bitte \
               eine neue E-Mail an.",
    },
    account: Account {
        heading: "Ihr Konto",
        profile: "Profil",
        password: "Passwort",
        sessions: "Wo Sie angemeldet sind",
        consents: "Apps mit Zugriff",
        unconfirmed: "Diese Adresse ist noch nicht bestätigt.",
        pending: ("Sobald Sie sie bestätigen, wird ", " Ihre Adresse."),
        change_password: "Passwort ändern",
        this_session: "Diese Sitzung",
        unknown_device: "Unbekanntes Gerät",
        last_seen: "Zuletzt verwendet",
        end_session: "Abmelden",
        end_others: "Überall sonst abmelden",
        allowed_at: "Zugelassen am",
        withdraw: "Zugriff widerrufen",
        no_consents: "Keine App hat Zugriff auf Ihr Konto.",
    },
    profile: Profile {
        email: "E-Mail-Adresse",
        username: "Benutzername",
        name: "Vollständiger Name",
        given_name: "Vorname",
        family_name: "Nachname",
        nickname: "Spitzname",
        birthdate: "Geburtsdatum",
        phone_number: "Telefonnummer",
        website: "Website",
    },
    form_post: Message {
        heading: "Einen Moment bitte",
        text: "Sie sind auf dem Weg zurück zur App. Falls nichts geschieht, wählen Sie „Weiter“.",
    },
    notices: Notices {
        wrong_credentials: "Der Name oder das Passwort ist falsch.",
        wrong_password: "Das ist nicht Ihr aktuelles Passwort.",
        throttled: |seconds| match seconds {
            1 => "Zu viele Versuche. Versuchen Sie es in einer Sekunde noch einmal.".into(),
            2..120 => format!("Zu viele Versuche. Versuchen Sie es in {seconds} Sekunden noch einmal."),
            _ => format!("Zu viele Versuche. Versuchen Sie es in {} Minuten noch einmal.", seconds.div_ceil(60)),
        },
        busy: "Hier ist gerade sehr viel zu tun. Bitte versuchen Sie es gleich noch einmal.",
        fault: "Hier ist etwas schiefgegangen. Bitte versuchen Sie es später noch einmal.",
        expired: "Diese Seite war zu lange offen. Bitte versuchen Sie es noch einmal.",
        log_in_again: "Bitte melden Sie sich noch einmal an, um fortzufahren.",
        email_unconfirmed: "Bestätigen Sie zuerst Ihre E-Mail-Adresse. Eine E-Mail mit einem neuen Link ist unterwegs.",
        registration_closed: "Zurzeit können hier keine neuen Konten erstellt werden.",
        wrong_device_code: "Dieser Code ist falsch oder abgelaufen. Prüfen Sie ihn, oder beginnen Sie am Gerät von vorn.",
        email_malformed: "Das ist keine E-Mail-Adresse. Sie sieht etwa so aus: name@example.com.",
        email_too_long: "Eine E-Mail-Adresse hat höchstens 254 Zeichen.",
        email_taken: "Mit dieser Adresse gibt es bereits ein Konto.",
        username_too_long: "Ein Benutzername hat höchstens 64 Zeichen.",
        username_at_sign: "Ein Benutzername darf kein @ enthalten.",
        username_unprintable: "Ein Benutzername braucht mindestens ein sichtbares Zeichen und darf keine unsichtbaren enthalten.",
        username_taken: "Diesen Benutzernamen hat schon jemand.",
        password_too_short: |least| format!("Ein Passwort hat mindestens {least} Zeichen."),
        password_too_long: |most| format!("Ein Passwort hat höchstens {most} Zeichen."),
        password_unprintable: "Dieses Passwort enthält ein Zeichen, das nicht verwendet werden kann.",
        password_personal: "Die eigene Adresse oder der eigene Name ist kein gutes Passwort. Bitte wählen Sie ein anderes.",
        password_common: "Dieses Passwort gehört zu den ersten, die jemand raten würde. \
                          Bitte wählen Sie ein längeres oder selteneres.",
        password_temporary: "Bitte wählen Sie ein anderes Passwort als das vorläufige.",
        invalid: "Dieser Wert ist nicht gültig.",
        saved: "Ihre Änderungen sind gespeichert.",
        confirmation_sent: "Ihre Änderungen sind gespeichert. Um die neue Adresse zu bestätigen, folgen Sie dem Link in der \
                            E-Mail, die dorthin unterwegs ist.",
        password_changed: "Ihr Passwort ist geändert.",
        session_ended: "Die Sitzung ist beendet.",
        others_ended: "Sie sind überall sonst abgemeldet.",
        consent_withdrawn: "Die App hat keinen Zugriff mehr.",
    },
};
