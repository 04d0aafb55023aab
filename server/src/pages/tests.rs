//! What is true of every page.

mod gallery;
mod html;

use std::collections::HashSet;

use http::StatusCode;
use salvo::Response;

use crate::{
    config::{Colour, Logo, PagesConfig},
    pages::{
        language::Language,
        look::{Frame, Look, initial},
        policy::source_of,
        policy_of, show,
        view::AddressPage,
    },
};
use gallery::{Gallery, Picture, plain_look};

const CLIENT: &str = "Photos";

/// Looks at every page in every language.
fn each(check: impl Fn(&Picture, &[html::Tag<'_>])) {
    let look = plain_look();
    for language in Language::ALL {
        for picture in Gallery::of(&look, language, CLIENT) {
            let tags = html::read(&picture.html).unwrap_or_else(|error| panic!("{}: {error}", picture.name));
            check(&picture, &tags);
        }
    }
}

/// The elements of one name.
fn named<'a, 'b>(tags: &'b [html::Tag<'a>], name: &'b str) -> impl Iterator<Item = &'b html::Tag<'a>> {
    tags.iter().filter(move |tag| tag.name == name)
}

#[test]
fn pages_have_one_heading_a_title_and_landmarks() {
    each(|picture, tags| {
        for single in ["h1", "title", "header", "main", "html", "style"] {
            assert_eq!(named(tags, single).count(), 1, "{}: {single}", picture.name);
        }
        let html = named(tags, "html").next().unwrap();
        assert!(html.get("lang").is_some_and(|lang| lang.len() == 2) && html.get("dir") == Some("ltr"));
        let title = picture.html.split_once("<title>").unwrap().1.split_once("</title>").unwrap().0;
        assert!(title.ends_with(" – Signet") && title.len() > " – Signet".len() + 2, "{}: {title}", picture.name);
    });
}

#[test]
fn fields_have_labels_and_what_describes_them_is_there() {
    each(|picture, tags| {
        let ids: Vec<_> = tags.iter().filter_map(|tag| tag.get("id")).collect();
        assert_eq!(ids.len(), ids.iter().collect::<HashSet<_>>().len(), "{}: an id is there twice", picture.name);
        let labels: HashSet<_> = named(tags, "label").filter_map(|label| label.get("for")).collect();
        for input in named(tags, "input").filter(|input| input.get("hidden").is_none()) {
            if input.get("type") != Some("hidden") {
                assert!(input.get("id").is_some_and(|id| labels.contains(id)), "{}: {input:?}", picture.name);
            }
        }
        let references = ["aria-describedby", "aria-labelledby", "for"];
        for id in tags
            .iter()
            .flat_map(|tag| references.iter().filter_map(|name| tag.get(name)))
            .flat_map(str::split_ascii_whitespace)
        {
            assert!(ids.contains(&id), "{}: {id} is not there", picture.name);
        }
    });
}

#[test]
fn forms_are_posted_with_a_token() {
    each(|picture, tags| {
        let forms = named(tags, "form").count();
        assert!(named(tags, "form").all(|form| form.get("method") == Some("post") && form.get("action").is_some()));
        let tokens = named(tags, "input").filter(|input| input.get("name") == Some("token")).count();
        assert_eq!(tokens, if picture.name == "form-post" { 0 } else { forms }, "{}", picture.name);
    });
}

#[test]
fn pages_run_nothing_and_load_nothing_that_their_policy_does_not_name() {
    each(|picture, tags| {
        assert!(!tags.iter().any(|tag| tag.get("style").is_some() || tag.get("onclick").is_some()));
        for (element, directive) in [("img", "img-src"), ("iframe", "frame-src"), ("script", "script-src")] {
            let there = named(tags, element).count() > 0;
            assert_eq!(there, picture.policy.contains(directive), "{}: {directive}", picture.name);
        }
        for block in ["style", "script"] {
            let (open, close) = (format!("<{block}>"), format!("</{block}>"));
            if let Some((_, after)) = picture.html.split_once(&open) {
                let source = source_of(after.split_once(&close).unwrap().0);
                assert!(picture.policy.contains(&source), "{}: {block}", picture.name);
            }
        }
        assert!(!picture.policy.contains("unsafe"));
    });
}

#[test]
fn no_two_languages_say_the_same() {
    let look = plain_look();
    let [english, others @ ..] = Language::ALL.map(|language| Gallery::of(&look, language, CLIENT));
    for other in &others {
        for (one, two) in english.iter().zip(other) {
            let main = |picture: &Picture| picture.html.split_once("<main>").map(|(_, main)| main.to_owned());
            assert_ne!(main(one), main(two), "{}", one.name);
        }
    }
}

#[test]
fn hostile_names_stay_text() {
    let look = Look::new(&PagesConfig { name: "<b>\"&'".into(), ..PagesConfig::default() }).unwrap();
    let hostile = "\"><script>alert(1)</script><img src=x onerror=alert(1)> \u{202e}{{7*7}}";
    for language in Language::ALL {
        let ours = Gallery::of(&look, language, CLIENT);
        for (ours, theirs) in ours.iter().zip(Gallery::of(&look, language, hostile)) {
            let count = |page: &str| html::read(page).unwrap().len();
            assert_eq!(count(&ours.html), count(&theirs.html), "{}", ours.name);
            assert!(!theirs.html.contains("alert(1)</script>") && !theirs.html.contains("<b>"), "{}", ours.name);
        }
    }
}

#[test]
fn whatever_the_colours_text_can_be_read() {
    let colour = |text: &str| Colour::parse(text).unwrap();
    for accent in ["#ffffff", "#000000", "#ffe600", "#777777", "#00ff88", "#1f4ed8"] {
        let (accent, background) = (colour(accent), colour("#808080"));
        let look = Look::new(&PagesConfig { accent, background, ..PagesConfig::default() }).unwrap();
        let after = |rule: &str| look.style.split_once(rule).unwrap().1;
        let button = after("button, .button { background: ");
        let (ground, rest) = button.split_once("; color: ").unwrap();
        assert!(colour(ground).contrast(colour(&rest[..7])) >= 4.5, "{accent}");
        assert!(colour(&after("a { color: ")[..7]).contrast(Colour::WHITE) >= 4.5, "{accent}");
        assert!(colour(&after(".brand { color: ")[..7]).contrast(background) >= 4.5, "{accent}");
    }
}

#[test]
fn a_logo_is_shown_and_may_be_loaded() {
    for (logo, source) in [
        (Logo::Inline("data:image/png;base64,AAAA".into()), "img-src data:;"),
        (Logo::Local("/logo.svg".into()), "img-src 'self';"),
        (Logo::Remote("https://cdn.example:8443/a/b.svg?c".parse().unwrap()), "img-src https://cdn.example:8443;"),
    ] {
        let config = PagesConfig { logo: Some(logo.clone()), ..PagesConfig::default() };
        let look = Look::new(&config).unwrap();
        let pictures = Gallery::of(&look, Language::English, CLIENT);
        assert!(pictures[0].policy.contains(source), "{}", pictures[0].policy);
        assert!(pictures[0].html.contains(logo.address()));
    }
}

#[test]
fn an_answer_says_what_it_may_and_in_which_language() {
    let (look, mut res) = (plain_look(), Response::new());
    let page = AddressPage { frame: Frame::new(&look, Language::French), confirmed: false };
    show(&mut res, StatusCode::BAD_REQUEST, &page).unwrap();
    assert_eq!(res.status_code, Some(StatusCode::BAD_REQUEST));
    for (name, value) in [
        ("content-type", "text/html; charset=utf-8"),
        ("content-language", "fr"),
        ("content-security-policy", policy_of(&page).as_str()),
        ("cache-control", "no-store"),
        ("referrer-policy", "same-origin"),
        ("x-frame-options", "DENY"),
    ] {
        assert_eq!(res.headers()[name], value, "{name}");
    }
}

#[test]
fn a_name_without_logo_has_an_initial() {
    assert_eq!((initial("photos"), initial("«ähm»"), initial("…")), ("P".into(), "Ä".into(), String::new()));
}
