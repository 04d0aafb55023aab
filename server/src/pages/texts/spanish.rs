//! Spanish, with «usted».

use super::{
    Account, Common, Consent, Device, Errors, Forgotten, Login, Logout, Message, Notices, Passwords, Profile, Register,
    Scopes, Select, Texts,
};

/// What the pages say in Spanish.
pub static SPANISH: Texts = Texts {
    common: Common {
        log_in: "Iniciar sesión",
        cancel: "Cancelar",
        go_on: "Continuar",
        save: "Guardar los cambios",
        optional: "opcional",
        password: "Contraseña",
        current_password: "Contraseña actual",
        new_password: "Contraseña nueva",
        password_hint: |least| format!("Al menos {least} caracteres. Varias palabras seguidas son una buena opción."),
        privacy: "Política de privacidad",
        terms: "Condiciones de uso",
        logged_in_as: ("Ha iniciado sesión como ", "."),
        back_to_login: "Volver al inicio de sesión",
    },
    login: Login {
        heading: "Iniciar sesión",
        to_client: ("para continuar a ", ""),
        name: "Correo electrónico o nombre de usuario",
        forgotten: "¿Ha olvidado su contraseña?",
        no_account: "¿Aún no tiene una cuenta?",
        register: "Crear una cuenta",
    },
    select: Select { heading: "Elija una cuenta", current: ("Continuar como ", ""), other: "Usar otra cuenta" },
    consent: Consent {
        heading: ("¿Permitir que ", " acceda a su cuenta?"),
        asks: "Si lo permite, la aplicación podrá:",
        remember: "No volver a preguntarme por esta aplicación",
        revocable: "Puede retirar este permiso en su cuenta cuando quiera.",
        allow: "Permitir",
        deny: "Rechazar",
    },
    scopes: Scopes {
        openid: Message { heading: "Reconocerle", text: "Saber que es usted, sin conocer su contraseña." },
        profile: Message { heading: "Ver su perfil", text: "Su nombre, su imagen y otros datos que haya indicado." },
        email: Message { heading: "Ver su correo electrónico", text: "Su dirección, y si la ha confirmado." },
        address: Message { heading: "Ver su dirección postal", text: "Calle, localidad y país." },
        phone: Message { heading: "Ver su número de teléfono", text: "Su número, y si lo ha confirmado." },
        offline_access: Message {
            heading: "Mantener la conexión",
            text: "Conservar este acceso en su ausencia, hasta que usted lo retire.",
        },
        account: Message {
            heading: "Administrarlo todo",
            text: "Gestionar en su nombre usuarios, sesiones, clientes, claves y ajustes, hasta donde su cuenta lo permita.",
        },
        unknown: "La aplicación sabe para qué sirve.",
    },
    device: Device {
        enter: Message { heading: "Conectar un dispositivo", text: "Escriba el código que muestra su dispositivo." },
        code: "Código",
        confirm: ("¿Conectar ", " a su cuenta?"),
        compare: "Su dispositivo debe mostrar exactamente este código:",
        beware: "Permítalo solo si lo ha iniciado usted. Si alguien le ha enviado el código, elija «Rechazar».",
        allowed: Message {
            heading: "Dispositivo conectado",
            text: "Continúe en su dispositivo. Puede cerrar esta página.",
        },
        denied: Message {
            heading: "Dispositivo no conectado",
            text: "El dispositivo no ha recibido acceso. Puede cerrar esta página.",
        },
    },
    logout: Logout {
        ask: Message {
            heading: "¿Cerrar la sesión?",
            text: "Tendrá que volver a iniciar sesión para usar sus aplicaciones.",
        },
        yes: "Cerrar sesión",
        no: "Mantener la sesión",
        done: Message { heading: "Ha cerrado la sesión", text: "Puede cerrar esta página." },
        leaving: Message {
            heading: "Ha cerrado la sesión",
            text: "Se está avisando a sus aplicaciones. Si tarda demasiado, ya puede continuar.",
        },
        frame: "Cierre de sesión de una aplicación",
    },
    errors: Errors {
        request: Message {
            heading: "Esta solicitud no se puede aceptar",
            text: "La aplicación le ha enviado aquí de una forma que no está permitida. No se ha transmitido nada. \
                   Vuelva a la aplicación e inténtelo de nuevo; si no funciona, avise a sus responsables.",
        },
        expired: Message {
            heading: "Esta página ha caducado",
            text: "Ha estado abierta demasiado tiempo o ya se ha usado. Vuelva a la aplicación y empiece de nuevo.",
        },
        missing: Message {
            heading: "Página no encontrada",
            text: "No hay nada en esta dirección. Compruebe que el enlace está completo.",
        },
        forbidden: Message { heading: "No permitido", text: "Su cuenta no permite hacer esto." },
        throttled: Message {
            heading: "Demasiados intentos",
            text: "Espere un momento y vuelva a intentarlo, por favor.",
        },
        busy: Message {
            heading: "Inténtelo de nuevo en un momento",
            text: "El servicio está muy ocupado. Sus datos están a salvo.",
        },
        fault: Message {
            heading: "Se ha producido un error",
            text: "Es culpa nuestra, no suya. Inténtelo de nuevo más tarde, por favor.",
        },
        details: "Detalles para los responsables de la aplicación",
        reference: "Referencia",
    },
    forgotten: Forgotten {
        ask: Message {
            heading: "¿Ha olvidado su contraseña?",
            text: "Escriba el correo electrónico de su cuenta. Le enviaremos un enlace para elegir una contraseña nueva.",
        },
        send: "Enviar el enlace",
        sent: Message {
            heading: "Revise su correo",
            text: "Si existe una cuenta con esta dirección, le hemos enviado un mensaje. \
                   Si no llega en unos minutos, mire también en el correo no deseado.",
        },
    },
    passwords: Passwords {
        heading: "Elija una contraseña",
        set: "Guardar la contraseña",
        done: Message { heading: "Contraseña guardada", text: "Puede cerrar esta página e iniciar sesión." },
        invalid: Message {
            heading: "Este enlace no es válido",
            text: "Ha caducado o ya se ha usado. Solicite otro, por favor.",
        },
        temporary: Message {
            heading: "Elija una contraseña nueva",
            text: "Ha iniciado sesión con una contraseña provisional. Elija una propia para continuar.",
        },
    },
    register: Register {
        heading: "Crear una cuenta",
        username_hint: "Otras personas pueden verlo, y le sirve para iniciar sesión.",
        create: "Crear la cuenta",
        have_account: "¿Ya tiene una cuenta?",
    },
    confirmed: Message {
        heading: "Dirección confirmada", text: "Gracias. Puede cerrar esta página e iniciar sesión."
    },
    not_confirmed: Message {
        heading: "Este enlace no es válido",
        text: "Ha caducado o ya se ha usado. Si su dirección aún no está confirmada, solicite otro mensaje.",
    },
    account: Account {
        heading: "Su cuenta",
        profile: "Perfil",
        password: "Contraseña",
        sessions: "Dónde ha iniciado sesión",
        consents: "Aplicaciones con acceso",
        unconfirmed: "Esta dirección aún no está confirmada.",
        pending: ("Cuando la confirme, ", " será su dirección."),
        change_password: "Cambiar la contraseña",
        this_session: "Esta sesión",
        unknown_device: "Dispositivo desconocido",
        last_seen: "Último uso",
        end_session: "Cerrar sesión",
        end_others: "Cerrar todas las demás sesiones",
        allowed_at: "Permitida el",
        withdraw: "Retirar el acceso",
        no_consents: "Ninguna aplicación tiene acceso a su cuenta.",
    },
    profile: Profile {
        email: "Correo electrónico",
        username: "Nombre de usuario",
        name: "Nombre completo",
        given_name: "Nombre",
        family_name: "Apellidos",
        nickname: "Apodo",
        birthdate: "Fecha de nacimiento",
        phone_number: "Número de teléfono",
        website: "Sitio web",
    },
    form_post: Message {
        heading: "Un momento",
        text: "Está volviendo a la aplicación. Si no ocurre nada, elija «Continuar».",
    },
    notices: Notices {
        wrong_credentials: "El nombre o la contraseña no son correctos.",
        wrong_password: "Esta no es su contraseña actual.",
        throttled: |seconds| match seconds {
            1 => "Demasiados intentos. Vuelva a intentarlo en un segundo.".into(),
            2..120 => format!("Demasiados intentos. Vuelva a intentarlo en {seconds} segundos."),
            _ => format!("Demasiados intentos. Vuelva a intentarlo en {} minutos.", seconds.div_ceil(60)),
        },
        busy: "El servicio está muy ocupado. Inténtelo de nuevo en un momento, por favor.",
        fault: "Se ha producido un error nuestro. Inténtelo de nuevo más tarde, por favor.",
        expired: "Esta página ha estado abierta demasiado tiempo. Inténtelo de nuevo, por favor.",
        log_in_again: "Vuelva a iniciar sesión para continuar, por favor.",
        email_unconfirmed: "Confirme primero su correo electrónico. Le hemos enviado un mensaje con un enlace nuevo.",
        registration_closed: "En este momento no se pueden crear cuentas nuevas.",
        wrong_device_code: "Este código no es correcto o ha caducado. Compruébelo o empiece de nuevo en su dispositivo.",
        email_malformed: "Esto no es una dirección de correo electrónico. Debe parecerse a nombre@example.com.",
        email_too_long: "Una dirección de correo electrónico tiene como máximo 254 caracteres.",
        email_taken: "Ya existe una cuenta con esta dirección.",
        username_too_long: "Un nombre de usuario tiene como máximo 64 caracteres.",
        username_at_sign: "Un nombre de usuario no puede contener @.",
        username_unprintable: "Un nombre de usuario necesita al menos un carácter visible y ninguno invisible.",
        username_taken: "Este nombre de usuario ya está en uso.",
        password_too_short: |least| format!("Una contraseña tiene al menos {least} caracteres."),
        password_too_long: |most| format!("Una contraseña tiene como máximo {most} caracteres."),
        password_unprintable: "Esta contraseña contiene un carácter que no se puede usar.",
        password_personal: "Su dirección o su nombre no son una buena contraseña. Elija otra, por favor.",
        password_common: "Esta contraseña es de las primeras que cualquiera probaría. \
                          Elija una más larga o menos común, por favor.",
        password_temporary: "Elija una contraseña distinta de la provisional, por favor.",
        invalid: "Este valor no es válido.",
        saved: "Sus cambios se han guardado.",
        confirmation_sent: "Sus cambios se han guardado. Para confirmar la dirección nueva, siga el enlace del mensaje que \
                            le hemos enviado a ella.",
        password_changed: "Su contraseña se ha cambiado.",
        session_ended: "La sesión se ha cerrado.",
        others_ended: "Se han cerrado todas las demás sesiones.",
        consent_withdrawn: "La aplicación ya no tiene acceso.",
    },
};
