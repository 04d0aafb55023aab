//! Statements that several blocks share, so that each is written once.

/// One audit event in the same transaction as what it tells of: what a user did (`by`), or what befell one (`about`). `$now`
/// and `$ip` must be bound.
macro_rules! audit {
    ($type:literal, $result:literal, by: $user:literal) => {
        audit!(@ $type, $result, $user, concat!("'user:' + ", $user))
    };
    ($type:literal, $result:literal, about: $user:literal) => {
        audit!(@ $type, $result, $user, "NONE")
    };
    (@ $type:literal, $result:literal, $subject:literal, $actor:expr) => {
        concat!(
            "CREATE audit:uuid() SET time = $now, type = '",
            $type,
            "', result = '",
            $result,
            "', subject = ",
            $subject,
            ", actor = ",
            $actor,
            ", ip = $ip RETURN NONE;"
        )
    };
}

/// The event `$event` (none where it is `NONE`), in the same transaction as what it tells of. `$now` must be bound.
macro_rules! record_event {
    () => {
        "IF $event IS NOT NONE {
             CREATE audit:uuid() SET time = $now, type = $event.type, result = $event.result, actor = $event.actor,
                 subject = $event.subject, ip = $event.ip, before = $event.before, after = $event.after RETURN NONE;
         };"
    };
}

/// Writes the change `$settings` of settings that are at `$settings_revision`, and its place in the history. `$now` must be
/// bound.
macro_rules! write_settings {
    () => {
        "FOR $setting IN $settings.values {
             UPSERT type::record('setting', $setting.key) SET value = $setting.value RETURN NONE;
         };
         UPSERT revision:settings SET number = $settings_revision + 1 RETURN NONE;
         CREATE type::record('settings_revision', $settings_revision + 1) SET time = $now, actor = $settings.actor,
             changes = $settings.changes, values = $settings.effective RETURN NONE;"
    };
}

/// A creation that may be asked for twice. What stands in the braces is done unless the idempotency key `$key` (`NONE` for
/// none) came before; it says what became of it, and `answer` is kept for whoever asks again.
macro_rules! create_once {
    ($($creation:expr),+ $(,)?) => {
        concat!(
            "LET $before = IF $key IS NONE { NONE } ELSE {
                 (SELECT fingerprint, answer FROM ONLY type::record('idempotency', $key) WHERE expires_at > $now)
             };
             IF $before IS NOT NONE {
                 IF $before.fingerprint = $fingerprint { { outcome: 'repeated', answer: $before.answer } } ELSE { { outcome: 'key_reused', answer: NONE } }
             } ELSE {
                 LET $outcome = {",
            $($creation),+,
            "    };
                 IF $key IS NOT NONE AND $outcome = 'created' {
                     UPSERT type::record('idempotency', $key) SET fingerprint = $fingerprint, answer = $answer, expires_at = $key_expires_at RETURN NONE;
                 };
                 { outcome: $outcome, answer: NONE }
             }"
        )
    };
}

/// Writes the client `$client`, once, if it is at the revision `seen` (there is none yet, if that is `NONE`). `$now` and what
/// `create_once!` takes must be bound.
macro_rules! write_client {
    () => {
        create_once!(
            "LET $there = (SELECT VALUE revision FROM ONLY type::record('client', $client.id));
             IF $there != $client.seen { IF $there IS NONE { 'missing' } ELSE { 'stale' } }
             ELSE {
                 UPSERT type::record('client', $client.id) SET name_key = $client.name_key, metadata = $client.metadata,
                     secrets = $client.secrets, registration_token = $client.registration_token, created_at = $client.created_at, updated_at = $now,
                     revision = $client.revision RETURN NONE;
                 UPSERT revision:clients SET number = (number ?? 0) + 1 RETURN NONE;",
            record_event!(),
            "    'created'
             }"
        )
    };
}

/// `$demotes`, whether the user `$row`, read as `$u`, ceases to be an administrator under this condition, and
/// `$others`, whether there is another. Whoever takes one away passes nobody who does the same: else two could leave none.
macro_rules! other_administrators {
    (demoted: $demoted:literal) => {
        concat!(
            "LET $demotes = $u IS NOT NONE AND 'admin' IN $u.roles AND !$u.disabled AND (",
            $demoted,
            ");
             IF $demotes { UPSERT lock:administrators SET taken_at = $now RETURN NONE };
             LET $others = $demotes AND array::len((SELECT VALUE id FROM user WITH INDEX user_has_roles
                 WHERE has_roles = true AND 'admin' IN roles AND disabled = false AND id != $row LIMIT 1)) > 0;"
        )
    };
}

/// Ends every session and grant of `$owner` but the session `$keep` (`''` keeps none). `$now` must be bound. The clients of a
/// session have yet to be told then (OpenID Connect Back-Channel Logout §2).
macro_rules! end_all_but {
    () => {
        "FOR $over IN (SELECT record::id(id) AS key, clients FROM session WHERE user = $owner AND revoked_at IS NONE AND record::id(id) != $keep) {
             FOR $told IN array::complement($over.clients, ['signet']) {
                 CREATE logout:uuid() SET client = $told, user = $owner, session = $over.key, attempts = 0, due_at = $now RETURN NONE;
             };
         };
         LET $rows = (SELECT VALUE id FROM session WHERE user = $owner AND revoked_at IS NONE AND record::id(id) != $keep); UPDATE $rows SET revoked_at = $now, expires_at = math::min([expires_at, $now]) RETURN NONE;
         LET $rows = (SELECT VALUE id FROM grant WHERE user = $owner AND revoked_at IS NONE AND session != $keep); UPDATE $rows SET revoked_at = $now RETURN NONE;"
    };
}

/// No address counts as the owner's any more: one of them may be why the password is changed.
macro_rules! forget_addresses {
    () => {
        "LET $rows = (SELECT VALUE id FROM familiar WHERE user = $owner); DELETE $rows RETURN NONE;"
    };
}

/// Ends one session and the grants on it; its clients have yet to be told. An ended session is swept as soon as no token can name it any more.
macro_rules! end_session {
    ($session:literal) => {
        concat!(
            "FOR $over IN (SELECT user, clients FROM type::record('session', ",
            $session,
            ") WHERE revoked_at IS NONE) {
                 FOR $told IN array::complement($over.clients, ['signet']) {
                     CREATE logout:uuid() SET client = $told, user = $over.user, session = ",
            $session,
            ", attempts = 0, due_at = $now RETURN NONE;
                 };
             };
             UPDATE type::record('session', ",
            $session,
            ") SET revoked_at = $now, expires_at = math::min([expires_at, $now]) WHERE revoked_at IS NONE RETURN NONE;
             LET $rows = (SELECT VALUE id FROM grant WHERE session = ",
            $session,
            " AND revoked_at IS NONE); UPDATE $rows SET revoked_at = $now RETURN NONE;"
        )
    };
}

/// Puts a mail into the outbox unless one of its kind and for the same user waits for this address already. (Two users may
/// want to confirm one address; neither's mail stands in for the other's.) One that a worker has in its hands
/// does not wait: it is taken from that claim, so that another follows. One that was put off is due within a minute: asking
/// again and again does not use its tries up.
macro_rules! enqueue_mail {
    ($kind:literal, $email_key:literal, user: $user:literal) => {
        concat!(
            "LET $mail = type::record('mail', ['",
            $kind,
            "', ",
            $email_key,
            ", ",
            $user,
            " ?? '']);
             IF !record::exists($mail) {
                 CREATE $mail SET kind = '",
            $kind,
            "', email_key = ",
            $email_key,
            ", user = ",
            $user,
            ", attempts = 0, due_at = $now, created_at = $now, claim = '' RETURN NONE;
             } ELSE {
                 UPDATE $mail SET attempts = IF claim != '' { 0 } ELSE { attempts },
                     due_at = IF claim != '' { $now } ELSE { math::min([due_at, $now + 60000]) }, claim = '' RETURN NONE;
             };"
        )
    };
}

pub(super) use {
    audit, create_once, end_all_but, end_session, enqueue_mail, forget_addresses, other_administrators, record_event,
    write_client, write_settings,
};

/// The clause for conditions that must all hold. Each is constant text whose values are parameters.
pub(super) fn where_all(conditions: &[&str]) -> String {
    if conditions.is_empty() { String::new() } else { format!("WHERE {}", conditions.join(" AND ")) }
}
