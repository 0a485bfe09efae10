//! Texts of users on their way into a container. Argo reads `{{…}}` wherever it stands, Kubernetes replaces
//! `$(NAME)` and turns `$$` into `$` in commands, arguments and variables; neither has an escape for the other.

use super::document::Env;
use crate::request::EnvVar;

/// The variable that keeps two braces apart until Argo has read them. It must come first in the same list.
pub const EMPTY: &str = "EMPTY";

/// A text that arrives in the container as it is: every `$` twice, and between two `{` a variable that is
/// empty, which Kubernetes takes out after Argo has read the text.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut is_after_brace = false;
    for character in text.chars() {
        match character {
            '$' => out.push_str("$$"),
            '{' if is_after_brace => {
                out.push_str("$(EMPTY){");
            }
            _ => out.push(character),
        }
        is_after_brace = character == '{';
    }
    out
}

/// Does the text need [`EMPTY`]?
pub fn needs_empty(text: &str) -> bool {
    text.contains("{{")
}

/// Variables with values as users mean them, [`EMPTY`] in front where one needs it.
pub fn variables(variables: &[EnvVar]) -> Vec<Env> {
    let values = variables
        .iter()
        .map(|variable| Env::new(&variable.name, escape(&variable.value)));
    need_empty(variables)
        .then(empty)
        .into_iter()
        .chain(values)
        .collect()
}

/// Does one of the variables need [`EMPTY`]? Then it is not a user's.
pub fn need_empty(variables: &[EnvVar]) -> bool {
    variables.iter().any(|variable| needs_empty(&variable.value))
}

pub fn empty() -> Env {
    Env::new(EMPTY, "")
}

/// JSON for an annotation, which Argo reads but Kubernetes does not expand: braces are kept apart by JSON's
/// own escape.
pub fn escape_json(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let mut is_after_brace = false;
    for character in json.chars() {
        // Two braces in a row stand only inside of a JSON string: a key comes first otherwise.
        if character == '{' && is_after_brace {
            out.push_str("\\u007b");
        } else {
            out.push(character);
        }
        is_after_brace = character == '{';
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dollars_and_braces_survive_both_readers() {
        assert_eq!(
            escape("it's $(HOME) $$ {{=1+1}}"),
            "it's $$(HOME) $$$$ {$(EMPTY){=1+1}}"
        );
        assert_eq!(escape("{{{"), "{$(EMPTY){$(EMPTY){");
        assert_eq!(escape_json(r#"{"a": "{{x}}"}"#), r#"{"a": "{\u007bx}}"}"#);
    }
}
