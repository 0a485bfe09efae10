//! Half characters in string literals: `"\ud83d"` is a text for Python, and none that can be written down.

/// The first escape of a surrogate in the source of a literal, its prefix and quotes with it.
pub(super) fn in_literal(source: &str) -> Option<&str> {
    let bytes = source.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if byte != b'\\' {
            at += 1;
            continue;
        }
        let digits = match bytes.get(at + 1) {
            Some(b'u') => 4,
            Some(b'U') => 8,
            Some(_) | None => 0,
        };
        let end = at + 2 + digits;
        let code = source
            .get(at + 2..end)
            .and_then(|digits| u32::from_str_radix(digits, 16).ok());
        if code.is_some_and(|code| (0xd800..0xe000).contains(&code)) {
            return source.get(at..end);
        }
        at += 2;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_halves_and_nothing_else() {
        assert_eq!(in_literal(r#""a\ud83d\ude00""#), Some(r"\ud83d"));
        assert_eq!(in_literal(r"'\U0000DFFF'"), Some(r"\U0000DFFF"));
        for whole in [
            r#""\\ud83d""#,
            r#""\ufffd""#,
            r#""\U0001f600""#,
            r#""\u""#,
            r"'\'",
            "",
        ] {
            assert_eq!(in_literal(whole), None, "{whole}");
        }
    }
}
