//! Changes that must not overwrite somebody else's: RFC 9110 §13.1.1, and RFC 6585 §3 where the header is missing.

use http::header;
use salvo::{
    Depot, Extractible, Request,
    extract::Metadata,
    oapi::{Components, EndpointArgRegister, Operation, Parameter, ParameterIn},
};

use crate::error::{Problem, Refusal, document_preconditions};

/// The revision that a caller has seen and means to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IfMatch {
    /// Whatever is there.
    Any,
    /// This one and no other.
    Revision(i64),
}

impl IfMatch {
    /// For a statement: `None` matches any.
    pub fn revision(self) -> Option<i64> {
        match self {
            Self::Any => None,
            Self::Revision(revision) => Some(revision),
        }
    }
}

/// The entity tag of a revision.
pub fn etag(revision: i64) -> String {
    format!("\"{revision}\"")
}

impl<'ex> Extractible<'ex> for IfMatch {
    fn metadata() -> &'static Metadata {
        static METADATA: Metadata = Metadata::new("");
        &METADATA
    }

    #[allow(refining_impl_trait)]
    async fn extract(req: &'ex mut Request, _: &'ex mut Depot) -> Result<Self, Problem> {
        let mut values = req.headers().get_all(header::IF_MATCH).iter();
        let value = values.next().ok_or(Refusal::PreconditionRequired)?;
        let text = value.to_str().unwrap_or_default().trim();
        if text == "*" && values.next().is_none() {
            return Ok(Self::Any);
        }
        // A tag that is none of ours matches nothing. Weak ones never match here (RFC 9110 §8.8.3.2).
        let number = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).and_then(|tag| tag.parse().ok());
        Ok(Self::Revision(number.filter(|_| values.next().is_none()).unwrap_or(-1)))
    }
}

impl EndpointArgRegister for IfMatch {
    fn register(components: &mut Components, operation: &mut Operation, _: &str) {
        document_preconditions(components, operation);
        let parameter = Parameter::new("If-Match")
            .location(ParameterIn::Header)
            .required(true)
            .description("The ETag of what shall be changed, or `*`. 428 without it, 412 when somebody was quicker.");
        operation.parameters.insert(parameter);
    }
}
