//! Enough of HTML to see that a page is whole: strict about what browsers forgive.

/// An element's start.
#[derive(Debug)]
pub struct Tag<'a> {
    /// Its name.
    pub name: &'a str,
    attributes: Vec<(&'a str, &'a str)>,
}

impl<'a> Tag<'a> {
    /// An attribute's value; empty for one that has none.
    pub fn get(&self, name: &str) -> Option<&'a str> {
        self.attributes.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }
}

const VOID: [&str; 5] = ["br", "img", "input", "link", "meta"];

/// Every element of a page in order, or what is wrong with it.
pub fn read(page: &str) -> Result<Vec<Tag<'_>>, String> {
    let mut rest = page.strip_prefix("<!DOCTYPE html>").ok_or("no doctype")?;
    let (mut open, mut found) = (Vec::new(), Vec::new());
    while let Some(start) = rest.find('<') {
        let text = &rest[start + 1..];
        let end = end_of_tag(text).ok_or_else(|| format!("a tag without end: {text:.40}"))?;
        let inner = &text[..end];
        rest = &text[end + 1..];
        if let Some(name) = inner.strip_prefix('/') {
            let last: &str = open.pop().ok_or_else(|| format!("</{name}> closes nothing"))?;
            if last != name {
                return Err(format!("</{name}> closes <{last}>"));
            }
            continue;
        }
        let tag = tag(inner)?;
        if matches!(tag.name, "style" | "script") {
            // What these hold is no HTML.
            let close = format!("</{}>", tag.name);
            rest = rest.split_once(close.as_str()).ok_or_else(|| format!("no {close}"))?.1;
        } else if !VOID.contains(&tag.name) {
            open.push(tag.name);
        }
        found.push(tag);
    }
    if open.is_empty() { Ok(found) } else { Err(format!("never closed: {open:?}")) }
}

/// The `>` that is in no quotes.
fn end_of_tag(text: &str) -> Option<usize> {
    let mut quoted = false;
    text.char_indices().find_map(|(at, character)| match character {
        '"' => {
            quoted = !quoted;
            None
        }
        '>' if !quoted => Some(at),
        _ => None,
    })
}

fn tag(inner: &str) -> Result<Tag<'_>, String> {
    let (name, mut rest) = inner.split_once(|c: char| c.is_ascii_whitespace()).unwrap_or((inner, ""));
    let mut attributes: Vec<(&str, &str)> = Vec::new();
    while !rest.trim_start().is_empty() {
        rest = rest.trim_start();
        let end = rest.find(|c: char| c == '=' || c.is_ascii_whitespace()).unwrap_or(rest.len());
        let (attribute, after) = rest.split_at(end);
        let (value, after) = match after.strip_prefix("=\"") {
            Some(quoted) => quoted.split_once('"').ok_or_else(|| format!("{attribute} is not closed"))?,
            None if after.starts_with('=') => return Err(format!("{attribute} is not quoted")),
            None => ("", after),
        };
        if attributes.iter().any(|(known, _)| *known == attribute) || attribute.contains(['"', '<', '\'']) {
            return Err(format!("{attribute} is there twice, or is none, in <{inner}>"));
        }
        attributes.push((attribute, value));
        rest = after;
    }
    Ok(Tag { name, attributes })
}

#[test]
fn what_browsers_forgive_is_seen() {
    assert!(read("<!DOCTYPE html><p>a<br><b class=\"x>\">b</b></p>").is_ok());
    for bad in ["<p>", "<p><b></p></b>", "</p>", "<p id=x></p>", "<p id=\"a\" id=\"b\"></p>", "<p"] {
        assert!(read(&format!("<!DOCTYPE html>{bad}")).is_err(), "{bad}");
    }
}
