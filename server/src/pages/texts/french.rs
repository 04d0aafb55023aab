//! French, with « vous ». A no-break space stands before a question mark.

use super::{
    Account, Common, Consent, Device, Errors, Forgotten, Login, Logout, Message, Notices, Passwords, Profile, Register,
    Scopes, Select, Texts,
};

/// What the pages say in French.
pub static FRENCH: Texts = Texts {
    common: Common {
        log_in: "Se connecter",
        cancel: "Annuler",
        go_on: "Continuer",
        save: "Enregistrer les modifications",
        optional: "facultatif",
        password: "Mot de passe",
        current_password: "Mot de passe actuel",
        new_password: "Nouveau mot de passe",
        password_hint: |least| format!("Au moins {least} caractères. Une suite de plusieurs mots convient bien."),
        privacy: "Politique de confidentialité",
        terms: "Conditions d’utilisation",
        logged_in_as: ("Vous utilisez le compte ", "."),
        back_to_login: "Retour à la connexion",
    },
    login: Login {
        heading: "Connexion",
        to_client: ("pour continuer vers ", ""),
        name: "Adresse e-mail ou nom d’utilisateur",
        forgotten: "Mot de passe oublié\u{a0}?",
        no_account: "Pas encore de compte\u{a0}?",
        register: "Créer un compte",
    },
    select: Select {
        heading: "Choisir un compte",
        current: ("Continuer en tant que ", ""),
        other: "Utiliser un autre compte",
    },
    consent: Consent {
        heading: ("Autoriser ", " à accéder à votre compte\u{a0}?"),
        asks: "Si vous acceptez, l’application pourra\u{a0}:",
        remember: "Ne plus me demander pour cette application",
        revocable: "Vous pouvez retirer cet accès à tout moment dans votre compte.",
        allow: "Autoriser",
        deny: "Refuser",
    },
    scopes: Scopes {
        openid: Message {
            heading: "Vous reconnaître",
            text: "Savoir que c’est bien vous, sans connaître votre mot de passe.",
        },
        profile: Message {
            heading: "Voir votre profil",
            text: "Votre nom, votre photo et les autres renseignements que vous avez donnés.",
        },
        email: Message { heading: "Voir votre adresse e-mail", text: "Votre adresse, et si vous l’avez confirmée." },
        address: Message { heading: "Voir votre adresse postale", text: "Rue, ville et pays." },
        phone: Message {
            heading: "Voir votre numéro de téléphone", text: "Votre numéro, et si vous l’avez confirmé."
        },
        offline_access: Message {
            heading: "Rester connectée",
            text: "Conserver cet accès en votre absence, jusqu’à ce que vous le retiriez.",
        },
        account: Message {
            heading: "Tout administrer",
            text: "Gérer en votre nom les utilisateurs, les sessions, les clients, les clés et les réglages, dans la mesure où votre compte le permet.",
        },
        unknown: "L’application sait à quoi cela sert.",
    },
    device: Device {
        enter: Message { heading: "Connecter un appareil", text: "Saisissez le code affiché par votre appareil." },
        code: "Code",
        confirm: ("Connecter ", " à votre compte\u{a0}?"),
        compare: "Votre appareil doit afficher exactement ce code\u{a0}:",
        beware: "N’acceptez que si vous êtes à l’origine de cette demande. \
                 Si quelqu’un vous a envoyé le code, choisissez «\u{a0}Refuser\u{a0}».",
        allowed: Message {
            heading: "Appareil connecté",
            text: "Poursuivez sur votre appareil. Vous pouvez fermer cette page.",
        },
        denied: Message {
            heading: "Appareil non connecté",
            text: "L’appareil n’a reçu aucun accès. Vous pouvez fermer cette page.",
        },
    },
    logout: Logout {
        ask: Message {
            heading: "Se déconnecter\u{a0}?",
            text: "Il vous faudra vous reconnecter pour utiliser vos applications.",
        },
        yes: "Se déconnecter",
        no: "Garder la session",
        done: Message { heading: "Déconnexion effectuée", text: "Vous pouvez fermer cette page." },
        leaving: Message {
            heading: "Déconnexion effectuée",
            text: "Vos applications en sont informées. Si cela tarde, vous pouvez déjà continuer.",
        },
        frame: "Déconnexion d’une application",
    },
    errors: Errors {
        request: Message {
            heading: "Cette demande ne peut pas être acceptée",
            text: "L’application vous a envoyé ici d’une manière qui n’est pas autorisée. Rien n’a été transmis. \
                   Revenez à l’application et réessayez\u{a0}; si cela ne suffit pas, prévenez son éditeur.",
        },
        expired: Message {
            heading: "Cette page a expiré",
            text: "Elle est restée ouverte trop longtemps ou a déjà servi. Revenez à l’application et recommencez.",
        },
        missing: Message {
            heading: "Page introuvable",
            text: "Il n’y a rien à cette adresse. Vérifiez que le lien est complet.",
        },
        forbidden: Message { heading: "Action non autorisée", text: "Votre compte ne permet pas cette action." },
        throttled: Message { heading: "Trop de tentatives", text: "Veuillez patienter un instant, puis réessayer." },
        busy: Message {
            heading: "Veuillez réessayer dans un instant",
            text: "Le service est très sollicité en ce moment. Vos données sont en sécurité.",
        },
        fault: Message {
            heading: "Une erreur s’est produite",
            text: "Elle vient de nous, pas de vous. Veuillez réessayer plus tard.",
        },
        details: "Détails pour l’éditeur de l’application",
        reference: "Référence",
    },
    forgotten: Forgotten {
        ask: Message {
            heading: "Mot de passe oublié\u{a0}?",
            text: "Saisissez l’adresse e-mail de votre compte. Nous vous enverrons un lien pour choisir un nouveau mot de \
                   passe.",
        },
        send: "Envoyer le lien",
        sent: Message {
            heading: "Consultez votre messagerie",
            text: "S’il existe un compte avec cette adresse, un message vous a été envoyé. \
                   S’il n’arrive pas d’ici quelques minutes, regardez parmi les courriers indésirables.",
        },
    },
    passwords: Passwords {
        heading: "Choisir un mot de passe",
        set: "Définir le mot de passe",
        done: Message { heading: "Mot de passe défini", text: "Vous pouvez fermer cette page et vous connecter." },
        invalid: Message {
            heading: "Ce lien n’est pas valable",
            text: "Il a expiré ou a déjà servi. Veuillez en demander un autre.",
        },
        temporary: Message {
            heading: "Choisir un nouveau mot de passe",
            text: "Votre mot de passe actuel est provisoire. Choisissez-en un à vous pour continuer.",
        },
    },
    register: Register {
        heading: "Créer un compte",
        username_hint: "D’autres peuvent le voir, et il vous permet de vous connecter.",
        create: "Créer le compte",
        have_account: "Vous avez déjà un compte\u{a0}?",
    },
    confirmed: Message {
        heading: "Adresse confirmée",
        text: "Merci. Vous pouvez fermer cette page et vous connecter.",
    },
    not_confirmed: Message {
        heading: "Ce lien n’est pas valable",
        text: "Il a expiré ou a déjà servi. Si votre adresse n’est pas encore confirmée, demandez un autre message.",
    },
    account: Account {
        heading: "Votre compte",
        profile: "Profil",
        password: "Mot de passe",
        sessions: "Vos sessions",
        consents: "Applications autorisées",
        unconfirmed: "Cette adresse n’est pas encore confirmée.",
        pending: ("Une fois confirmée, ", " sera votre adresse."),
        change_password: "Changer le mot de passe",
        this_session: "Cette session",
        unknown_device: "Appareil inconnu",
        last_seen: "Dernière utilisation",
        end_session: "Déconnecter",
        end_others: "Déconnecter toutes les autres sessions",
        allowed_at: "Autorisée le",
        withdraw: "Retirer l’accès",
        no_consents: "Aucune application n’a accès à votre compte.",
    },
    profile: Profile {
        email: "Adresse e-mail",
        username: "Nom d’utilisateur",
        name: "Nom complet",
        given_name: "Prénom",
        family_name: "Nom de famille",
        nickname: "Surnom",
        birthdate: "Date de naissance",
        phone_number: "Numéro de téléphone",
        website: "Site web",
    },
    form_post: Message {
        heading: "Un instant",
        text: "Vous retournez à l’application. Si rien ne se passe, choisissez «\u{a0}Continuer\u{a0}».",
    },
    notices: Notices {
        wrong_credentials: "Le nom ou le mot de passe est incorrect.",
        wrong_password: "Ce n’est pas votre mot de passe actuel.",
        throttled: |seconds| match seconds {
            1 => "Trop de tentatives. Réessayez dans une seconde.".into(),
            2..120 => format!("Trop de tentatives. Réessayez dans {seconds} secondes."),
            _ => format!("Trop de tentatives. Réessayez dans {} minutes.", seconds.div_ceil(60)),
        },
        busy: "Le service est très sollicité en ce moment. Veuillez réessayer dans un instant.",
        fault: "Une erreur s’est produite de notre côté. Veuillez réessayer plus tard.",
        expired: "Cette page est restée ouverte trop longtemps. Veuillez réessayer.",
        log_in_again: "Veuillez vous reconnecter pour continuer.",
        email_unconfirmed: "Confirmez d’abord votre adresse e-mail. Un message avec un nouveau lien vous a été envoyé.",
        registration_closed: "Il n’est pas possible de créer un compte pour le moment.",
        wrong_device_code: "Ce code est incorrect ou a expiré. Vérifiez-le, ou recommencez sur votre appareil.",
        email_malformed: "Ce n’est pas une adresse e-mail. Elle doit ressembler à nom@example.com.",
        email_too_long: "Une adresse e-mail compte au plus 254 caractères.",
        email_taken: "Il existe déjà un compte avec cette adresse.",
        username_too_long: "Un nom d’utilisateur compte au plus 64 caractères.",
        username_at_sign: "Un nom d’utilisateur ne peut pas contenir @.",
        username_unprintable: "Un nom d’utilisateur doit comporter au moins un caractère visible, et aucun caractère invisible.",
        username_taken: "Ce nom d’utilisateur est déjà pris.",
        password_too_short: |least| format!("Un mot de passe compte au moins {least} caractères."),
        password_too_long: |most| format!("Un mot de passe compte au plus {most} caractères."),
        password_unprintable: "Ce mot de passe contient un caractère qui ne peut pas être utilisé.",
        password_personal: "Votre adresse ou votre nom n’est pas un bon mot de passe. Veuillez en choisir un autre.",
        password_common: "Ce mot de passe est parmi les premiers que l’on essaierait. \
                          Veuillez en choisir un plus long ou moins courant.",
        password_temporary: "Veuillez choisir un autre mot de passe que le provisoire.",
        invalid: "Cette valeur n’est pas valable.",
        saved: "Vos modifications sont enregistrées.",
        confirmation_sent: "Vos modifications sont enregistrées. Pour confirmer la nouvelle adresse, suivez le lien du \
                            message qui y a été envoyé.",
        password_changed: "Votre mot de passe est modifié.",
        session_ended: "La session est terminée.",
        others_ended: "Toutes les autres sessions sont terminées.",
        consent_withdrawn: "L’application n’a plus accès à votre compte.",
    },
};
