//! JSON bodies: one extractor that checks media type, size, form and fields, and
//! says what is wrong in the façade's own words.

use std::{marker::PhantomData, time::Duration};

use salvo::{
    Depot, Extractible, Request, Writer,
    extract::Metadata,
    http::ParseError,
    oapi::{self, Components, EndpointArgRegister, Operation, ToSchema},
};
use serde::de::DeserializeOwned;

use crate::error::{CookieApiError, FieldError, Problem, Refusal};

/// The most a body may hold, in bytes.
const MAX_BODY: usize = 64 * 1024;
/// How long the whole of it may take: a byte now and then does not keep a connection.
const BODY_TIMEOUT: Duration = Duration::from_secs(20);

/// A JSON object read into `T`; what is wrong with it is told as `E`.
pub struct Body<T, E>(pub T, PhantomData<E>);

/// A body of the token API.
pub type ApiBody<T> = Body<T, Problem>;

/// A body of the cookie API.
pub type CookieApiBody<T> = Body<T, CookieApiError>;

impl<'ex, T, E> Extractible<'ex> for Body<T, E>
where
    T: DeserializeOwned + Send,
    E: From<Refusal> + Writer + Send + std::fmt::Debug + 'static,
{
    fn metadata() -> &'static Metadata {
        static METADATA: Metadata = Metadata::new("");
        &METADATA
    }

    #[allow(refining_impl_trait)]
    async fn extract(req: &'ex mut Request, _: &'ex mut Depot) -> Result<Self, E> {
        let value = read(req).await.map_err(E::from)?;
        Ok(Self(value, PhantomData))
    }
}

impl<T: ToSchema, E> EndpointArgRegister for Body<T, E> {
    fn register(components: &mut Components, operation: &mut Operation, _: &str) {
        let content = oapi::Content::new(T::to_schema(components));
        let body = oapi::RequestBody::new().add_content("application/json", content).required(oapi::Required::True);
        operation.request_body = Some(body);
    }
}

/// The media type of bodies.
pub const JSON: &str = "application/json";

/// Whether a request says that its body is JSON.
pub fn is_json(req: &Request) -> bool {
    req.content_type().is_some_and(|mime| mime.type_() == "application" && mime.subtype() == "json")
}

/// Reads the JSON object that a request sends.
pub async fn read<T: DeserializeOwned>(req: &mut Request) -> Result<T, Refusal> {
    if !is_json(req) {
        return Err(Refusal::UnsupportedMediaType(JSON));
    }
    let unreadable = || Refusal::Malformed("the body could not be read to its end".to_owned());
    let reading = tokio::time::timeout(BODY_TIMEOUT, req.payload_with_max_size(MAX_BODY));
    let bytes = reading.await.map_err(|_| unreadable())?.map_err(|error| match error {
        ParseError::PayloadTooLarge => Refusal::TooLarge,
        _ => unreadable(),
    })?;
    parse(bytes)
}

/// Reads one JSON object into `T`, with a word on each field that does not fit.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refusal> {
    // Without this an array would be read as an object, field by field.
    if bytes.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
        return Err(Refusal::Malformed("send a JSON object".to_owned()));
    }
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| explain(&error))?;
    deserializer.end().map_err(|_| Refusal::Malformed("send one JSON object and nothing after it".to_owned()))?;
    Ok(value)
}

/// Reads a JSON value into `T`, with a word on each field that does not fit.
pub fn read_value<T: DeserializeOwned>(value: serde_json::Value) -> Result<T, Refusal> {
    serde_path_to_error::deserialize(value).map_err(|error| explain(&error))
}

fn explain(error: &serde_path_to_error::Error<serde_json::Error>) -> Refusal {
    if !error.inner().is_data() {
        return Refusal::Malformed(format!("this is no JSON: {}", error.inner()));
    }
    let message = error.inner().to_string();
    let message = message.split(" at line ").next().unwrap_or_default();
    // What was sent is not repeated: it may be a secret in the wrong place.
    let expected = message.strip_prefix("invalid ").and_then(|message| message.split_once(", expected "));
    let taken = expected.map(|(_, expected)| format!("this takes {expected}"));
    let message = taken.as_deref().unwrap_or(message);
    // A missing or unknown member is not in the path but between the first backticks of the message.
    let quoted = message.split('`').nth(1).filter(|_| message.contains(" field "));
    let field = quoted.map_or_else(|| error.path().to_string(), str::to_owned);
    let field = if field == "." { String::new() } else { field.chars().take(64).collect() };
    Refusal::Invalid(vec![FieldError::new(field, message.chars().take(256).collect::<String>())])
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Login {
        #[allow(dead_code)]
        email: String,
        #[allow(dead_code)]
        password: Option<String>,
    }

    fn refusal(body: &[u8]) -> Refusal {
        parse::<Login>(body).unwrap_err()
    }

    #[test]
    fn what_is_no_json_object_is_malformed() {
        for body in
            [&b""[..], b"null", b"[\"a\",\"b\"]", b"{", b"{\"email\":\"\xff\"}", b"{\"email\":\"a\"} x", b"\"a\""]
        {
            assert!(matches!(refusal(body), Refusal::Malformed(_)), "{body:?}");
        }
        let deep = format!("{{\"email\":{}", "[".repeat(10_000));
        assert!(matches!(refusal(deep.as_bytes()), Refusal::Malformed(_) | Refusal::Invalid(_)));
    }

    #[test]
    fn a_field_that_is_wrong_is_named() {
        for (body, field) in [
            (r#"{"email":5}"#, "email"),
            (r#"{"email":null}"#, "email"),
            (r#"{"email":{"a":1}}"#, "email"),
            (r#"{}"#, "email"),
            (r#"{"email":"a","roles":["admin"]}"#, "roles"),
            (r#"{"email":"a","email":"b"}"#, "email"),
        ] {
            match refusal(body.as_bytes()) {
                Refusal::Invalid(fields) => assert_eq!(fields[0].field, field, "{body}"),
                other => panic!("{body}: {other:?}"),
            }
        }
    }
}
