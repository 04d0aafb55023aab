//! What a page may load: nothing, but for what it names (Content Security Policy, level 3).

use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

/// What one page loads or runs, besides the stylesheet it holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Sources of pictures.
    pub images: Vec<String>,
    /// Origins of frames.
    pub frames: Vec<String>,
    /// A script that the page holds, and works without.
    pub script: Option<&'static str>,
}

/// The source that allows a style or script by what it is.
pub fn source_of(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)))
}

/// The policy as its header says it. `form-action` is left out: Chromium holds it against the redirect that follows a form.
pub fn policy(style: &str, needs: &Needs) -> String {
    let script: Vec<_> = needs.script.map(source_of).into_iter().collect();
    let mut policy = format!("default-src 'none'; style-src {style}");
    for (directive, sources) in [("img-src", &needs.images), ("frame-src", &needs.frames), ("script-src", &script)] {
        if !sources.is_empty() {
            policy.push_str(&format!("; {directive} {}", sources.join(" ")));
        }
    }
    policy + "; base-uri 'none'; frame-ancestors 'none'"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_allowed_that_is_not_named() {
        let style = source_of("body{}");
        assert_eq!(
            policy(&style, &Needs::default()),
            format!("default-src 'none'; style-src {style}; base-uri 'none'; frame-ancestors 'none'")
        );
        let needs = Needs {
            images: vec!["data:".into(), "https://a.example".into()],
            frames: vec!["https://b.example".into()],
            script: Some("x()"),
        };
        let policy = policy(&style, &needs);
        for part in ["; img-src data: https://a.example;", "; frame-src https://b.example;", "; script-src 'sha256-"] {
            assert!(policy.contains(part), "{policy}");
        }
        assert!(!policy.contains("unsafe") && !policy.contains("form-action"));
    }

    #[test]
    fn a_source_is_the_hash_of_the_text() {
        assert_eq!(source_of(""), "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='");
    }
}
