//! The one base64 dialect of JOSE (RFC 7515 §2): URL-safe, unpadded, and with a single spelling for every value.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};

pub(crate) fn base64url(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn append_base64url(bytes: impl AsRef<[u8]>, text: &mut String) {
    BASE64_URL_SAFE_NO_PAD.encode_string(bytes, text);
}

/// Refuses padding, foreign characters and trailing bits, so no two texts mean the same bytes.
pub(crate) fn from_base64url(text: &str) -> Result<Vec<u8>, base64::DecodeError> {
    BASE64_URL_SAFE_NO_PAD.decode(text)
}
