//! Names of container images, as container runtimes read them: `[registry/]path[:tag][@digest]`
//! (`distribution/reference`). Knows no registry.

/// Why no image can have this name; nothing where one can.
pub fn problem(image: &str) -> Option<String> {
    if image.contains(char::is_whitespace) {
        return Some("it has a blank".to_owned());
    }
    let (name, digest) = match image.split_once('@') {
        Some((name, digest)) => (name, Some(digest)),
        None => (image, None),
    };
    // A colon before the last `/` belongs to the registry: `localhost:5000/a`.
    let (name, tag) = match name.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
        Some(_) | None => (name, None),
    };
    let (registry, path) = match name.split_once('/') {
        Some((first, rest)) if is_registry(first) => (Some(first), rest),
        Some(_) | None => (None, name),
    };
    let parts = [
        registry.and_then(registry_problem),
        path_problem(path),
        tag.and_then(tag_problem),
        digest.and_then(digest_problem),
    ];
    parts.into_iter().flatten().next()
}

/// Is the part before the first `/` a registry, and not the beginning of the path?
fn is_registry(part: &str) -> bool {
    part == "localhost"
        || part.contains(['.', ':'])
        || part.contains(|letter: char| letter.is_ascii_uppercase())
}

fn registry_problem(registry: &str) -> Option<String> {
    let (host, port) = match registry.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        Some(_) | None => (registry, None),
    };
    let is_ip6 = host.starts_with('[') && host.ends_with(']');
    let is_label = |label: &str| {
        let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        !label.is_empty() && !label.starts_with('-') && !label.ends_with('-') && label.bytes().all(is_inner)
    };
    let is_host = is_ip6 || host.split('.').all(is_label);
    let is_port = port.is_none_or(|port| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()));
    (!is_host || !is_port).then(|| format!("`{registry}` is no registry"))
}

fn path_problem(path: &str) -> Option<String> {
    if path.is_empty() {
        return Some("it lacks a name".to_owned());
    }
    if path.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Some(format!("`{path}` has upper case letters"));
    }
    let wrong = path.split('/').find(|part| !is_component(part))?;
    Some(if wrong.is_empty() {
        "it has a `/` too many".to_owned()
    } else {
        format!("`{wrong}` is more than lower-case letters and digits, with `.`, `_` and `-` between them")
    })
}

/// `my-image`, `a__b`, `a.b`: runs of letters and digits, with one `.`, one or two `_`, or some `-` in between.
fn is_component(part: &str) -> bool {
    let is_letter = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    let is_edge = |letter: Option<char>| letter.is_some_and(is_letter);
    let mut separators = part.split(is_letter).filter(|between| !between.is_empty());
    let is_separator =
        |between: &str| matches!(between, "." | "_" | "__") || between.bytes().all(|byte| byte == b'-');
    is_edge(part.chars().next()) && is_edge(part.chars().next_back()) && separators.all(is_separator)
}

fn tag_problem(tag: &str) -> Option<String> {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let is_tag = tag.bytes().next().is_some_and(is_word)
        && tag
            .bytes()
            .all(|byte| is_word(byte) || matches!(byte, b'.' | b'-'));
    if !is_tag {
        return Some(format!("`{tag}` is no tag"));
    }
    (tag.len() > 128).then(|| "its tag has more than 128 characters".to_owned())
}

fn digest_problem(digest: &str) -> Option<String> {
    let is_digest = digest.split_once(':').is_some_and(|(algorithm, hex)| {
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'.' | b'_' | b'-');
        algorithm
            .bytes()
            .next()
            .is_some_and(|byte| byte.is_ascii_alphabetic())
            && algorithm.bytes().all(is_name)
            && hex.len() >= 32
            && hex.bytes().all(|byte| byte.is_ascii_hexdigit())
    });
    (!is_digest).then(|| format!("`{digest}` is no digest"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_names_as_container_runtimes_do() {
        let digest = "0123456789abcdef".repeat(4);
        for image in [
            "python",
            "python:3.12",
            "library/python:3.12-slim",
            "registry.example.com/ml/base:2026.11",
            "localhost:5000/a/b",
            "Registry.example.com/a",
            "123456789012.dkr.ecr.eu-west-1.amazonaws.com/my_team/my-image:v1_2",
            "a__b/c--d.e:_x",
            "[::1]:5000/a",
            &format!("python@sha256:{digest}"),
            &format!("ghcr.io/a/b:tag@sha256:{digest}"),
        ] {
            assert_eq!(problem(image), None, "{image}");
        }
        for image in [
            "a b",
            " python",
            "python\n",
            "Python",
            "a//b",
            "/a",
            "a/",
            "a:",
            "a:b:c",
            "a:-x",
            "a@sha256:12",
            "a@b",
            "-a",
            "a..b",
            "a___b",
            "a.b:x/c",
            "a$b",
            "",
            ":tag",
            "https://a/b",
        ] {
            assert!(problem(image).is_some(), "{image}");
        }
    }
}
