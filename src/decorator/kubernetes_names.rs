//! Names and labels as Kubernetes takes them (`k8s.io/apimachinery/pkg/util/validation`). Knows no attribute.

/// Of a label's value, and of a key without its domain.
pub const LONGEST_LABEL: usize = 63;
const LONGEST_NAME: usize = 253;

/// Up to 63 letters, digits, `-`, `_` and `.`, a letter or digit at both ends.
pub fn is_label_value(text: &str) -> bool {
    let is_outer = |c: char| c.is_ascii_alphanumeric();
    text.len() <= LONGEST_LABEL
        && text.starts_with(is_outer)
        && text.ends_with(is_outer)
        && text.chars().all(|c| is_outer(c) || "-_.".contains(c))
}

/// A key of a label or annotation: `name`, `domain.name/name`.
pub fn is_key(text: &str) -> bool {
    match text.split_once('/') {
        Some((domain, name)) => is_label_value(name) && is_name(domain),
        None => is_label_value(text),
    }
}

/// The name of a secret, a service account, a claim: words of lower-case letters, digits and `-`, joined by dots.
pub fn is_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= LONGEST_NAME && text.split('.').all(is_word)
}

/// The name of a namespace or a volume: a single word of up to 63 characters.
pub fn is_dns_label(text: &str) -> bool {
    text.len() <= LONGEST_LABEL && is_word(text)
}

fn is_word(text: &str) -> bool {
    let is_outer = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    text.starts_with(is_outer) && text.ends_with(is_outer) && text.chars().all(|c| is_outer(c) || c == '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_kubernetes_takes() {
        assert!(is_name("a-b.c1") && !is_name("a_b") && !is_name("A") && !is_name("a.") && !is_name(""));
        assert!(is_dns_label("a-1") && !is_dns_label("a.b") && !is_dns_label(&"a".repeat(64)));
        assert!(is_label_value("Data_science.1") && !is_label_value("data science") && !is_label_value("-a"));
        assert!(
            is_key("example.com/team")
                && is_key("team")
                && !is_key("a b")
                && !is_key("/a")
                && !is_key("A_/a")
        );
    }
}
