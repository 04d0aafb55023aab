//! What is known of a person: the profile of OpenID Connect, which is its owner's, and attributes, which are the operators'.

use serde_json::{Value, json};

use crate::harness::{Answer, Operator, PASSWORD, Program, ProgramBuilder};

impl Program {
    async fn patch_profile(&self, access: &str, members: Value) -> Answer {
        let request = self.client.patch(self.url("/api/me/")).bearer_auth(access);
        self.send(request.json(&json!({ "profile": members }))).await
    }
}

/// The fields that an answer names.
fn fields(answer: &Answer) -> Vec<&str> {
    let errors = answer.json["errors"].as_array().expect("errors");
    errors.iter().map(|error| error["field"].as_str().expect("a field")).collect()
}

/// The path of a user who was created with these members.
async fn create(admin: &Operator<'_>, members: Value) -> String {
    let answer = admin.post("users", members).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    format!("users/{}", answer.json["id"].as_str().expect("an id"))
}

#[tokio::test]
async fn its_owner_writes_a_profile_and_reads_it_back() {
    let program = ProgramBuilder::new().with_admin().start().await;
    let tokens = program.user("ann@example.com").await;
    let before = program.me(&tokens.access).await.json;
    assert_eq!((&before["profile"], &before["updated_at"]), (&json!({}), &before["created_at"]));
    let profile = json!({
        "name": "Ann Émilie Lee", "given_name": "Ann", "family_name": "Lee", "middle_name": "Émilie", "nickname": "Annie",
        "profile": "https://people.example.com/ann", "picture": "https://img.example.com/ann.png",
        "website": "https://ann.example.com/", "gender": "female", "birthdate": "0000-02-29", "zoneinfo": "Europe/Paris",
        "locale": "fr-CA", "phone_number": "+15555550123;ext=42",
        "address": {"formatted": "1 Main Street\nSpringfield", "street_address": "1 Main Street",
            "locality": "Springfield", "region": "IL", "postal_code": "62701", "country": "US"},
    });
    let written = program.put_me(&tokens.access, json!({"profile": profile, "username": "Ann"})).await;
    assert_eq!(written.status, 200, "{}", written.text);
    let mut expected = profile;
    expected["phone_number_verified"] = json!(false);
    assert_eq!((&written.json["profile"], &written.json["username"]), (&expected, &json!("Ann")));
    assert_ne!(written.json["updated_at"], before["updated_at"]);

    let program = program.crash_and_restart().await;
    let tokens = program.login("ann@example.com").await;
    assert_eq!(program.me(&tokens.access).await.json, written.json);
    let again = program.put_me(&tokens.access, json!({"profile": {"nickname": "Annie"}})).await;
    assert_eq!(again.json, written.json, "nothing is another");
}

#[tokio::test]
async fn members_are_laid_over_the_rest_and_null_takes_one_away() {
    let program = ProgramBuilder::new().in_memory().with_admin().start().await;
    let access = program.user("ann@example.com").await.access;
    for (members, expected) in [
        (json!({"name": "Ann", "locale": "en"}), json!({"name": "Ann", "locale": "en"})),
        (json!({"locale": null}), json!({"name": "Ann"})),
        (
            json!({"address": {"locality": "Rome", "country": "IT"}}),
            json!({"name": "Ann", "address": {"locality": "Rome", "country": "IT"}}),
        ),
        (json!({"address": {"locality": null}}), json!({"name": "Ann", "address": {"country": "IT"}})),
        (json!({"address": {"country": null}}), json!({"name": "Ann"})),
        (json!({"name": null, "nickname": null}), json!({})),
    ] {
        let answer = program.patch_profile(&access, members.clone()).await;
        assert_eq!((answer.status, &answer.json["profile"]), (200, &expected), "{members}: {}", answer.text);
    }
}

#[tokio::test]
async fn of_changes_at_once_none_is_lost() {
    let program = ProgramBuilder::new().with_admin().start().await;
    let access = program.user("ann@example.com").await.access;
    let members =
        [json!({"name": "Ann"}), json!({"locale": "en"}), json!({"gender": "female"}), json!({"nickname": "A"})];
    let changes = members.map(|members| program.patch_profile(&access, members));
    for answer in futures_util::future::join_all(changes).await {
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    let expected = json!({"name": "Ann", "locale": "en", "gender": "female", "nickname": "A"});
    assert_eq!(program.me(&access).await.json["profile"], expected);
}

#[tokio::test]
async fn each_member_keeps_its_rule() {
    let program = ProgramBuilder::new().in_memory().with_admin().start().await;
    let access = program.user("ann@example.com").await.access;
    for (members, field) in [
        (json!({"name": "x".repeat(256)}), "profile.name"),
        (json!({"nickname": ""}), "profile.nickname"),
        (json!({"given_name": "a\u{1b}[31m"}), "profile.given_name"),
        (json!({"family_name": 5}), "profile.family_name"),
        (json!({"birthdate": "1983-02-29"}), "profile.birthdate"),
        (json!({"zoneinfo": "../etc/passwd"}), "profile.zoneinfo"),
        (json!({"locale": "english language"}), "profile.locale"),
        (json!({"picture": "javascript:alert(1)"}), "profile.picture"),
        (json!({"website": "/me"}), "profile.website"),
        (json!({"profile": "http://a.example/"}), "profile.profile"),
        (json!({"phone_number": "555-0123"}), "profile.phone_number"),
        (json!({"address": "Rome"}), "profile.address"),
        (json!({"address": {"country": "a\u{0}"}}), "profile.address.country"),
        (json!({"address": {"formatted": "x".repeat(1_025)}}), "profile.address.formatted"),
        (json!({"preferred_username": "ann"}), "profile.preferred_username"),
        (json!({"updated_at": 1}), "profile.updated_at"),
        (json!({"sub": "x"}), "profile.sub"),
    ] {
        let answer = program.patch_profile(&access, members.clone()).await;
        assert_eq!((answer.status, fields(&answer)), (422, vec![field]), "{members}: {}", answer.text);
    }
    let both = program.patch_profile(&access, json!({"birthdate": "x", "locale": "x"})).await;
    assert_eq!(fields(&both), ["profile.birthdate", "profile.locale"], "all at once");
    assert_eq!(program.me(&access).await.json["profile"], json!({}));
}

#[tokio::test]
async fn a_phone_number_is_confirmed_by_operators_and_only_as_long_as_it_stands() {
    let program = ProgramBuilder::new().in_memory().with_admin().start().await;
    let admin = program.admin().await;
    let path = create(&admin, json!({"email": "ann@example.com", "password": PASSWORD})).await;
    let access = program.login("ann@example.com").await.access;
    let number = "+15555550123";
    for claimed in [json!(true), json!(false), json!(null)] {
        let members = json!({"phone_number": number, "phone_number_verified": claimed});
        let answer = program.patch_profile(&access, members).await;
        assert_eq!((answer.status, fields(&answer)), (422, vec!["profile.phone_number_verified"]), "{}", answer.text);
    }
    let nothing = admin.patch(&path, json!({"profile": {"phone_number_verified": true}})).await;
    assert_eq!((nothing.status, fields(&nothing)), (422, vec!["profile.phone_number_verified"]));
    let confirmed = json!({"profile": {"phone_number": number, "phone_number_verified": true}});
    assert_eq!(admin.patch(&path, confirmed).await.status, 200);
    for (members, verified) in [
        (json!({"name": "Ann"}), json!(true)),
        (json!({"phone_number": number}), json!(true)),
        (json!({"phone_number": "+15555550124"}), json!(false)),
        (json!({"phone_number": null}), Value::Null),
    ] {
        let answer = program.patch_profile(&access, members.clone()).await;
        assert_eq!(answer.json["profile"]["phone_number_verified"], verified, "{members}: {}", answer.text);
    }
}

#[tokio::test]
async fn operators_write_profile_and_attributes_and_the_log_tells() {
    let program = ProgramBuilder::new().with_admin().start().await;
    let admin = program.admin().await;
    let profile = json!({"name": "Ann", "phone_number": "+15555550123", "phone_number_verified": true});
    let attributes = json!({"team": {"id": 7, "lead": false}, "crm-id": "c.1", "tags": ["a", null]});
    let body = json!({"email": "ann@example.com", "profile": profile, "attributes": attributes});
    let created = admin.create("users", "ann-1", body.clone()).await;
    assert_eq!(created.status, 201, "{}", created.text);
    assert_eq!((&created.json["profile"], &created.json["attributes"]), (&profile, &attributes));
    assert_eq!(admin.create("users", "ann-1", body.clone()).await.json, created.json);
    let mut other = body;
    other["profile"]["name"] = json!("Eve");
    assert_eq!(admin.create("users", "ann-1", other).await.status, 422, "another request");

    let id = created.json["id"].as_str().unwrap();
    let path = format!("users/{id}");
    assert_eq!(admin.get(&path).await.json, created.json);
    let listed = admin.get("users?filter=email:ann").await;
    assert_eq!(listed.json["items"][0], created.json);
    let change = json!({"profile": {"name": null, "locale": "en"}, "attributes": {"team": {"id": 8}, "tags": null}});
    let changed = admin.change("PATCH", &path, Some("\"1\""), change.clone()).await;
    assert_eq!((changed.status, changed.header("etag")), (200, "\"2\""), "{}", changed.text);
    let after = json!({"locale": "en", "phone_number": "+15555550123", "phone_number_verified": true});
    assert_eq!(changed.json["profile"], after);
    assert_eq!(changed.json["attributes"], json!({"team": {"id": 8, "lead": false}, "crm-id": "c.1"}));
    assert_ne!(changed.json["updated_at"], created.json["updated_at"]);
    let stale = admin.change("PATCH", &path, Some("\"1\""), change).await;
    assert_eq!((stale.status, &stale.json["current"]["profile"]), (412, &after));
    let roles = admin.patch(&path, json!({"roles": ["editor"]})).await;
    assert_eq!(roles.json["updated_at"], changed.json["updated_at"], "a role is nothing of the person's");

    let events = admin.get(&format!("audit?filter=type:user.update%20subject:{id}")).await.json;
    let event = &events["items"][1];
    assert_eq!((&event["before"]["profile"], &event["after"]["profile"]), (&profile, &after));
    assert_eq!((&event["before"]["attributes"], &event["after"]["attributes"]["team"]["id"]), (&attributes, &json!(8)));
}

#[tokio::test]
async fn attributes_have_bounds() {
    let program = ProgramBuilder::new().in_memory().with_admin().start().await;
    let admin = program.admin().await;
    let path = create(&admin, json!({"email": "ann@example.com", "attributes": {"kept": 1}})).await;
    let many: serde_json::Map<_, _> = (0..64).map(|number| (format!("a{number}"), json!(number))).collect();
    let part = "x".repeat(4_000);
    let (long, cut) = ("x".repeat(65), format!("attributes.{}", "x".repeat(64)));
    for (attributes, field) in [
        (json!({"a b": 1}), "attributes.a b"),
        (json!({"": 1}), "attributes."),
        (json!({"é": 1}), "attributes.é"),
        (json!({ (long): 1 }), cut.as_str()),
        (json!({"long": "x".repeat(4 * 1_024)}), "attributes.long"),
        (json!({"a": part, "b": part, "c": part, "d": part, "e": part}), "attributes"),
        (Value::Object(many), "attributes"),
        (json!([]), "attributes"),
        (json!("x"), "attributes"),
    ] {
        let patch = json!({ "attributes": attributes });
        let answer = admin.patch(&path, patch.clone()).await;
        assert_eq!((answer.status, fields(&answer)), (422, vec![field]), "{}", answer.text);
    }
    assert_eq!(admin.get(&path).await.json["attributes"], json!({"kept": 1}));
}

#[tokio::test]
async fn nobody_gives_themselves_what_is_the_operators() {
    let program = ProgramBuilder::new().in_memory().with_admin().start().await;
    let admin = program.admin().await;
    let path =
        create(&admin, json!({"email": "ann@example.com", "password": PASSWORD, "attributes": {"plan": 1}})).await;
    let access = program.login("ann@example.com").await.access;
    let claimed = json!({"attributes": {"plan": 2}});
    for (body, field) in [
        (claimed.clone(), "attributes"),
        (json!({"profile": claimed}), "profile.attributes"),
        (json!({"profile": {"roles": ["admin"]}}), "profile.roles"),
        (json!({"profile": {"email_verified": true}}), "profile.email_verified"),
        (json!({"phone_number_verified": true}), "phone_number_verified"),
    ] {
        let answer = program.put_me(&access, body.clone()).await;
        assert_eq!((answer.status, fields(&answer)), (422, vec![field]), "{body}: {}", answer.text);
    }
    for member in ["profile", "attributes"] {
        let body = json!({"email": "eve@example.com", "password": PASSWORD, member: {}});
        assert_eq!(program.post("/api/register/", body).await.status, 422, "{member}");
        let update = json!({"email": "eve@example.com", member: {}});
        assert_eq!(program.post_with_cookie("/update_profile", &access, update).await.status, 422, "{member}");
    }
    let shown = admin.get(&path).await.json;
    assert_eq!((&shown["attributes"], &shown["profile"]), (&json!({"plan": 1}), &json!({})));
    assert!(program.me(&access).await.json.get("attributes").is_none());

    let temporary = admin.post(&format!("{path}/password"), json!({})).await;
    let word = temporary.json["temporary_password"].as_str().unwrap();
    let restricted = program.try_login("ann@example.com", word).await.json["access_token"].as_str().unwrap().to_owned();
    let both = json!({"password": "another-long-password", "profile": {"name": "Ann"}});
    assert_eq!(program.put_me(&restricted, both).await.status, 403, "a temporary password sets a proper one, no more");
}
