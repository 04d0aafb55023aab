//! Command lines, put together.

use std::{fmt::Display, path::Path};

/// Matches whatever is there.
pub(super) const ANY: &str = "*";

/// The words of a command behind the program's name.
#[derive(Debug, Default)]
pub(super) struct Words {
    verbs: Vec<String>,
    options: Vec<String>,
    values: Vec<String>,
}

impl Words {
    pub(super) fn of(verbs: &[&str]) -> Self {
        Self { verbs: verbs.iter().map(|verb| (*verb).to_owned()).collect(), ..Self::default() }
    }

    /// A value that stands by itself.
    pub(super) fn value(mut self, value: &str) -> Self {
        self.values.push(value.to_owned());
        self
    }

    pub(super) fn path(self, path: &Path) -> Self {
        let text = path.to_string_lossy().into_owned();
        self.value(&text)
    }

    /// `--name=value`, where there is one. In one word: a value may begin with a dash.
    pub(super) fn option(mut self, name: &str, value: Option<impl ToString>) -> Self {
        self.options.extend(value.map(|value| format!("--{name}={}", value.to_string())));
        self
    }

    pub(super) fn each(mut self, name: &str, values: &[impl Display]) -> Self {
        self.options.extend(values.iter().map(|value| format!("--{name}={value}")));
        self
    }

    pub(super) fn switch(mut self, name: &str, on: bool) -> Self {
        self.options.extend(on.then(|| format!("--{name}")));
        self
    }

    /// The tag that a change is made on; any, unless told.
    pub(super) fn if_match(self, tag: &str) -> Self {
        self.option("if-match", (tag != ANY).then_some(tag))
    }

    /// All of them. Behind `--` nothing counts as an option, whatever it begins with.
    pub(super) fn end(self) -> Vec<String> {
        let dashed = self.values.iter().any(|value| value.starts_with('-') && value != "-");
        let separator = dashed.then(|| "--".to_owned());
        self.verbs.into_iter().chain(self.options).chain(separator).chain(self.values).collect()
    }
}
