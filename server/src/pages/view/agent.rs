//! What a browser or program calls itself, in a few words.

/// Later names are part of what browsers with earlier ones send as well.
const PROGRAMS: [(&str, &str); 8] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];

/// Here as well.
const SYSTEMS: [(&str, &str); 7] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];

/// The longest name of a program that we know nothing about.
const MAX_NAME: usize = 60;

/// A browser with its system, else the first words of what was sent; nothing where nothing was.
pub fn agent_name(user_agent: &str) -> Option<String> {
    let find = |names: &[(&str, &'static str)]| {
        names.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name)
    };
    if let (Some(program), Some(system)) = (find(&PROGRAMS), find(&SYSTEMS)) {
        return Some(format!("{program} · {system}"));
    }
    let name: String = user_agent.trim().chars().take(MAX_NAME).collect();
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_told_apart() {
        let name = |agent: &str| agent_name(agent).unwrap();
        let like = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36";
        assert_eq!(name(like), "Chrome · Windows");
        assert_eq!(name(&format!("{like} Edg/140.0")), "Edge · Windows");
        assert_eq!(name("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"), "Firefox · Linux");
        let phone =
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1";
        assert_eq!(name(phone), "Safari · iPhone");
    }

    #[test]
    fn programs_are_shown_as_they_are_and_not_for_long() {
        assert_eq!(agent_name("curl/8.5.0").as_deref(), Some("curl/8.5.0"));
        assert_eq!(agent_name(&"ü".repeat(500)).unwrap().chars().count(), MAX_NAME);
        assert_eq!(agent_name("  "), None);
    }
}
