//! The plain texts that stand in the source of a value, so that a finding can point at the entry it means.

use crate::source::Span;

/// A text without prefix and escapes, and its place, quotes included.
pub type Literal = (String, Span);

/// The texts in a piece of source that begins at the span. A name that stands for a value holds none.
pub(super) fn of(source: &str, span: Span) -> Vec<Literal> {
    let mut found = Vec::new();
    let mut rest = source;
    while let Some(start) = rest.find(['"', '\'', '#']) {
        let (before, ahead) = rest.split_at(start);
        if ahead.starts_with('#') {
            rest = ahead.find('\n').map_or("", |end| ahead.split_at(end).1);
            continue;
        }
        let is_prefixed = before.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let Some((text, behind)) = text_at(ahead) else {
            break;
        };
        let at = |part: &str| u32::try_from(source.len() - part.len()).map(|offset| span.start + offset);
        if let (false, false, Ok(start), Ok(end)) = (is_prefixed, text.contains('\\'), at(ahead), at(behind))
        {
            found.push((text.to_owned(), Span::new(span.source, start, end)));
        }
        rest = behind;
    }
    found
}

/// The text that begins here, without its quotes, and what stands behind it.
fn text_at(source: &str) -> Option<(&str, &str)> {
    let quote = source.get(..3).filter(|quote| matches!(*quote, "\"\"\"" | "'''"));
    let quote = quote.or(source.get(..1))?;
    let inner = source.get(quote.len()..)?;
    let mut from = 0;
    loop {
        let end = from + inner.get(from..)?.find(quote)?;
        let text = inner.get(..end)?;
        let backslashes = text.bytes().rev().take_while(|byte| *byte == b'\\').count();
        if backslashes % 2 == 0 {
            return Some((text, inner.get(end + quote.len()..)?));
        }
        from = end + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceId;

    #[test]
    fn finds_plain_texts() {
        let source = r#"{"a": 'b c', # "no"
            f"x": "q\"q", "ä": """long"""}"#;
        let found = of(source, Span::new(SourceId::default(), 10, 10));
        let texts: Vec<&str> = found.iter().map(|(text, _)| text.as_str()).collect();
        assert_eq!(texts, ["a", "b c", "ä", "long"]);
        let (_, span) = &found[1];
        assert_eq!(&source[span.start as usize - 10..span.end as usize - 10], "'b c'");
        assert!(of("'open", Span::new(SourceId::default(), 0, 0)).is_empty());
    }
}
