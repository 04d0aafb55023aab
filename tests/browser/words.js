// What pages say in the four languages, as far as tests look for it.

export const WORDS = {
  en: {
    logIn: ['Log in', 'Email address or username', 'Password', 'Log in'],
    wrong: 'The name or the password is wrong.',
    consent: ['Allow Photo Album to access your account?', 'Allow'],
    select: ['Choose an account', 'Continue as '],
    formPost: ['One moment', 'Continue'],
    logOut: ['Log out?', 'Log out', 'You are logged out'],
    forgotten: 'Forgot your password?',
  },
  de: {
    logIn: ['Anmelden', 'E-Mail-Adresse oder Benutzername', 'Passwort', 'Anmelden'],
    wrong: 'Der Name oder das Passwort ist falsch.',
    consent: ['Darf Photo Album auf Ihr Konto zugreifen?', 'Zulassen'],
    select: ['Konto auswählen', 'Weiter als '],
    formPost: ['Einen Moment bitte', 'Weiter'],
    logOut: ['Abmelden?', 'Abmelden', 'Sie sind abgemeldet'],
    forgotten: 'Passwort vergessen?',
  },
  fr: {
    logIn: ['Connexion', 'Adresse e-mail ou nom d’utilisateur', 'Mot de passe', 'Se connecter'],
    wrong: 'Le nom ou le mot de passe est incorrect.',
    consent: ['Autoriser Photo Album à accéder à votre compte ?', 'Autoriser'],
    select: ['Choisir un compte', 'Continuer en tant que '],
    formPost: ['Un instant', 'Continuer'],
    logOut: ['Se déconnecter ?', 'Se déconnecter', 'Déconnexion effectuée'],
    forgotten: 'Mot de passe oublié ?',
  },
  es: {
    logIn: ['Iniciar sesión', 'Correo electrónico o nombre de usuario', 'Contraseña', 'Iniciar sesión'],
    wrong: 'El nombre o la contraseña no son correctos.',
    consent: ['¿Permitir que Photo Album acceda a su cuenta?', 'Permitir'],
    select: ['Elija una cuenta', 'Continuar como '],
    formPost: ['Un momento', 'Continuar'],
    logOut: ['¿Cerrar la sesión?', 'Cerrar sesión', 'Ha cerrado la sesión'],
    forgotten: '¿Ha olvidado su contraseña?',
  },
};
