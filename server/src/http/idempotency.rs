//! The header `Idempotency-Key`: a creation that is repeated with it happens once.

use salvo::{
    Depot, Extractible, Request,
    extract::Metadata,
    oapi::{Components, EndpointArgRegister, Operation, Parameter, ParameterIn},
};

use crate::error::{Problem, Refusal};

/// The key a creation came with, if any.
pub struct IdempotencyKey(pub Option<String>);

impl<'ex> Extractible<'ex> for IdempotencyKey {
    fn metadata() -> &'static Metadata {
        static METADATA: Metadata = Metadata::new("");
        &METADATA
    }

    #[allow(refining_impl_trait)]
    async fn extract(req: &'ex mut Request, _: &'ex mut Depot) -> Result<Self, Problem> {
        let mut values = req.headers().get_all("idempotency-key").iter();
        let Some(value) = values.next() else { return Ok(Self(None)) };
        let text = value.to_str().ok().filter(|text| (1..=128).contains(&text.len()));
        let key = text.filter(|_| values.next().is_none()).map(str::to_owned);
        let bad = || Refusal::Malformed("Idempotency-Key is one value of 1 to 128 visible characters".to_owned());
        Ok(Self(Some(key.ok_or_else(bad)?)))
    }
}

impl EndpointArgRegister for IdempotencyKey {
    fn register(_: &mut Components, operation: &mut Operation, _: &str) {
        let parameter = Parameter::new("Idempotency-Key").location(ParameterIn::Header).description(
            "Of the caller's choice. Within a day the same key and body are answered like the first time, with any secret \
             left out; the same key with another body is refused.",
        );
        operation.parameters.insert(parameter);
    }
}
