//! Statements that several blocks share, so that each is written once.

/// One audit event in the same transaction as what it tells of. `$now` and `$ip` must be bound.
macro_rules! audit {
    ($type:literal, $result:literal, subject: $subject:literal) => {
        concat!(
            "CREATE audit:uuid() SET time = $now, type = '",
            $type,
            "', result = '",
            $result,
            "', subject = ",
            $subject,
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

/// `$before`: the first answer to a creation that came with the idempotency key `$key`, if it did and if it was answered.
macro_rules! repeated {
    () => {
        "LET $before = IF $key IS NONE { NONE } ELSE {
             (SELECT fingerprint, answer FROM ONLY type::record('idempotency', $key) WHERE expires_at > $now)
         };
         IF $key IS NOT NONE AND $before IS NONE { DELETE type::record('idempotency', $key) RETURN NONE };"
    };
}

/// Ends every session and grant of `$owner` but the session `$keep` (`''` keeps none). `$now` must be bound.
macro_rules! end_all_but {
    () => {
        "UPDATE (SELECT VALUE id FROM session WHERE user = $owner AND revoked_at IS NONE AND record::id(id) != $keep) SET revoked_at = $now, expires_at = math::min([expires_at, $now]) RETURN NONE;
         UPDATE (SELECT VALUE id FROM grant WHERE user = $owner AND revoked_at IS NONE AND session != $keep) SET revoked_at = $now RETURN NONE;"
    };
}

/// No address counts as the owner's any more: one of them may be why the password is changed.
macro_rules! forget_addresses {
    () => {
        "DELETE (SELECT VALUE id FROM familiar WHERE user = $owner) RETURN NONE;"
    };
}

/// Ends one session and the grants on it. An ended session is swept as soon as no token can name it any more.
macro_rules! end_session {
    ($session:literal) => {
        concat!(
            "UPDATE type::record('session', ",
            $session,
            ") SET revoked_at = $now, expires_at = math::min([expires_at, $now]) WHERE revoked_at IS NONE RETURN NONE;
             UPDATE (SELECT VALUE id FROM grant WHERE session = ",
            $session,
            " AND revoked_at IS NONE) SET revoked_at = $now RETURN NONE;"
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
    audit, end_all_but, end_session, enqueue_mail, forget_addresses, record_event, repeated, write_settings,
};

/// The clause for conditions that must all hold. Each is constant text whose values are parameters.
pub(super) fn where_all(conditions: &[&str]) -> String {
    if conditions.is_empty() { String::new() } else { format!("WHERE {}", conditions.join(" AND ")) }
}
