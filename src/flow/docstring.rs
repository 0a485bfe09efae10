//! Docstrings with their indentation removed as Metaflow does (`deindent_docstring`). Knows only text.

use ruff_python_ast::Stmt;

/// The docstring of a body: its first statement, where that is a text.
pub(super) fn of(body: &[Stmt]) -> Option<String> {
    let first = body.first()?.as_expr_stmt()?;
    let text = first.value.as_string_literal_expr()?.value.to_str();
    (!text.is_empty()).then(|| deindent(text))
}

/// Takes the indentation of the first line that is not empty, or of the second such, from the start of every
/// line but the first, and strips the ends; a text without such an indentation stays as it is.
fn deindent(text: &str) -> String {
    let lines = text.split(['\n', '\r']).filter(|line| !line.is_empty());
    let indents = lines.take(2).map(indentation);
    let Some(indent) = indents.into_iter().find(|indent| !indent.is_empty()) else {
        return text.to_owned();
    };
    text.replace(&format!("\n{indent}"), "\n").trim().to_owned()
}

fn indentation(line: &str) -> &str {
    let rest = line.trim_start_matches([' ', '\t']);
    line.strip_suffix(rest).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::deindent;

    #[test]
    fn the_first_indentation_found_goes() {
        assert_eq!(deindent(" one "), "one");
        assert_eq!(deindent("one "), "one ");
        assert_eq!(deindent("one\n    two\n      three\n    "), "one\ntwo\n  three");
        assert_eq!(deindent("\n  one\n   two\n"), "one\n two");
        assert_eq!(deindent("one\ntwo\n  three "), "one\ntwo\n  three ");
    }
}
