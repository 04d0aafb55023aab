//! Algorithm names and key ids.

use signet_keys::{Algorithm, KeyId};

#[test]
fn algorithms_are_written_by_their_registered_names() {
    let names = Algorithm::ALL.map(|algorithm| serde_json::to_value(algorithm).unwrap());
    assert_eq!(names, ["ES256", "RS256", "PS256", "EdDSA"]);
    for algorithm in Algorithm::ALL {
        assert_eq!(algorithm.name().parse(), Ok(algorithm));
        assert_eq!(algorithm.to_string(), algorithm.name());
    }
}

#[test]
fn algorithm_names_are_case_sensitive() {
    for name in ["es256", "EDDSA", "none", "None", "HS256", "RS256 ", ""] {
        assert!(name.parse::<Algorithm>().is_err(), "{name}");
    }
}

#[test]
fn a_key_id_is_43_characters_of_base64url() {
    let good = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs";
    let kid: KeyId = good.parse().unwrap();
    assert_eq!(kid.as_str(), good);
    assert_eq!(serde_json::to_value(&kid).unwrap(), good);

    let too_long = format!("{good}A");
    let foreign = ["../../../../../etc/passwd", "+", "/", "=", ";", "é", "\0"].map(|part| {
        let kept = good.len().saturating_sub(part.len());
        format!("{}{part}", &good[..kept])
    });
    let bad = foreign.iter().map(String::as_str).chain(["", &good[1..], &too_long]);
    for text in bad {
        assert!(text.parse::<KeyId>().is_err(), "{text}");
        assert!(serde_json::from_value::<KeyId>(text.into()).is_err(), "{text}");
    }
}
