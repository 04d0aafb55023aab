//! SubjectPublicKeyInfo (RFC 5280 §4.1.2.7): the form in which every cryptographic library reads a public key.

use base64::prelude::{BASE64_STANDARD, Engine};

use crate::material::Material;

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const SEQUENCE: u8 = 0x30;

/// id-ecPublicKey with prime256v1 (RFC 5480 §2.1.1).
const EC_P256: &[u8] =
    &[0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
/// rsaEncryption with NULL (RFC 3279 §2.3.1), for PS256 as well: many libraries cannot read id-RSASSA-PSS keys.
const RSA_ENCRYPTION: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];
/// id-Ed25519, parameters absent (RFC 8410 §3).
const ED25519: &[u8] = &[0x06, 0x03, 0x2b, 0x65, 0x70];
/// Marks an elliptic curve point given by both coordinates (RFC 5480 §2.2).
const UNCOMPRESSED: &[u8] = &[0x04];

pub(crate) fn der(material: &Material) -> Vec<u8> {
    match material {
        Material::Ec { x, y, .. } => public_key_info(EC_P256, &[UNCOMPRESSED, &x.0, &y.0].concat()),
        Material::Rsa { n, e } => {
            let key = tlv(SEQUENCE, &[unsigned(&n.0), unsigned(&e.0)].concat());
            public_key_info(RSA_ENCRYPTION, &key)
        }
        Material::Okp { x, .. } => public_key_info(ED25519, &x.0),
    }
}

/// The textual form of RFC 7468 §13: lines of 64 characters.
pub(crate) fn pem(material: &Material) -> String {
    let body = BASE64_STANDARD.encode(der(material));
    let mut pem = String::from("-----BEGIN PUBLIC KEY-----\n");
    for (position, digit) in body.chars().enumerate() {
        if position > 0 && position % 64 == 0 {
            pem.push('\n');
        }
        pem.push(digit);
    }
    pem.push_str("\n-----END PUBLIC KEY-----\n");
    pem
}

fn public_key_info(algorithm: &[u8], key: &[u8]) -> Vec<u8> {
    const NO_UNUSED_BITS: &[u8] = &[0];
    let algorithm = tlv(SEQUENCE, algorithm);
    let key = tlv(BIT_STRING, &[NO_UNUSED_BITS, key].concat());
    tlv(SEQUENCE, &[algorithm, key].concat())
}

/// DER integers are signed: a set top bit needs a zero before it.
fn unsigned(magnitude: &[u8]) -> Vec<u8> {
    match magnitude.first() {
        Some(0x80..) => tlv(INTEGER, &[&[0], magnitude].concat()),
        _ => tlv(INTEGER, magnitude),
    }
}

/// Tag, length, value (X.690 §8.1, §10.1: the shortest length form).
fn tlv(tag: u8, value: &[u8]) -> Vec<u8> {
    let length = value.len().to_be_bytes();
    let leading_zeros = length.iter().take_while(|byte| **byte == 0).count();
    let significant = &length[leading_zeros..];
    let mut der = vec![tag];
    match significant {
        [] => der.push(0),
        [short @ ..0x80] => der.push(*short),
        long => {
            der.push(0x80 | long.len() as u8);
            der.extend_from_slice(long);
        }
    }
    der.extend_from_slice(value);
    der
}
