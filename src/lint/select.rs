//! Which rules speak: `--select`, `--ignore`, `--extend-select` by code, prefix or name.

use super::rules::retired;
use crate::diagnostic::{Diagnostic, RuleInfo, Severity, nearest};

/// A choice of rules; the default is all.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// None: all rules.
    pub select: Option<Vec<Selector>>,
    pub extend: Vec<Selector>,
    pub ignore: Vec<Selector>,
    /// What flowc cannot tell (FLC9xx) is an error.
    pub is_strict: bool,
}

/// `FLC201`, `FLC2` or `ALL`; a name is turned into its code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selector(String);

impl Selector {
    /// Reads one selector; one for a retired rule means its successor.
    ///
    /// # Errors
    /// One that fits no rule, in words with the nearest that does.
    pub fn parse(text: &str, infos: &[&RuleInfo]) -> Result<Self, String> {
        let text = text.trim();
        if text.eq_ignore_ascii_case("all") {
            return Ok(Self("FLC".to_owned()));
        }
        let upper = text.to_ascii_uppercase();
        if upper.starts_with("FLC") && infos.iter().any(|info| info.code.starts_with(&upper)) {
            return Ok(Self(upper));
        }
        if let Some(info) = infos.iter().find(|info| info.name.eq_ignore_ascii_case(text)) {
            return Ok(Self(info.code.to_owned()));
        }
        if let Some(retired) = retired::find(text) {
            return Ok(Self(retired.successor.to_owned()));
        }
        let names = infos.iter().flat_map(|info| [info.name, info.code]);
        let hint = nearest(text, names).map_or_else(
            || "; `flowc rules` lists them".to_owned(),
            |near| format!("; did you mean `{near}`?"),
        );
        Err(format!("no rule has the code, prefix or name `{text}`{hint}"))
    }

    /// Does it mean this code?
    pub fn covers(&self, code: &str) -> bool {
        code.starts_with(&self.0)
    }

    fn weight(&self) -> usize {
        self.0.len()
    }
}

impl Selection {
    /// Is the rule of this code to speak? The more specific of a selector for and one against it wins.
    pub fn speaks(&self, code: &str) -> bool {
        let strongest = |selectors: &[Selector]| {
            let covering = selectors.iter().filter(|selector| selector.covers(code));
            covering.map(Selector::weight).max()
        };
        let chosen = match &self.select {
            None => Some(0),
            Some(selectors) => strongest(selectors),
        };
        let chosen = chosen.max(strongest(&self.extend));
        match (chosen, strongest(&self.ignore)) {
            (None, _) => false,
            (Some(_), None) => true,
            (Some(chosen), Some(ignored)) => chosen > ignored,
        }
    }

    /// The findings of the rules that speak, with the severity they have here.
    pub fn apply(&self, diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
        let chosen = diagnostics
            .into_iter()
            .filter(|diagnostic| self.speaks(diagnostic.rule.code));
        chosen
            .map(|mut diagnostic| {
                if self.is_strict && diagnostic.rule.code.starts_with("FLC9") {
                    diagnostic.severity = Severity::Error;
                }
                diagnostic
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    crate::declare_rule! {
        /// One.
        static ONE: error "FLC301" "one-thing";
    }
    crate::declare_rule! {
        /// Two.
        static TWO: warning "FLC302" "two-things";
    }

    fn selection(select: &[&str], extend: &[&str], ignore: &[&str]) -> Selection {
        let parse = |texts: &[&str]| -> Vec<Selector> {
            texts
                .iter()
                .map(|text| Selector::parse(text, &[&ONE, &TWO]).unwrap())
                .collect()
        };
        Selection {
            select: (!select.is_empty()).then(|| parse(select)),
            extend: parse(extend),
            ignore: parse(ignore),
            is_strict: false,
        }
    }

    #[test]
    fn the_more_specific_selector_wins() {
        let both = |selection: &Selection| (selection.speaks("FLC301"), selection.speaks("FLC302"));
        assert_eq!(both(&selection(&[], &[], &[])), (true, true));
        assert_eq!(both(&selection(&["FLC3"], &[], &["two-things"])), (true, false));
        assert_eq!(both(&selection(&["one-thing"], &[], &["FLC3"])), (true, false));
        assert_eq!(both(&selection(&["FLC301"], &["FLC302"], &[])), (true, true));
        assert_eq!(both(&selection(&["FLC3"], &[], &["FLC3"])), (false, false));
    }

    #[test]
    fn an_unknown_selector_names_the_nearest() {
        assert_eq!(
            Selector::parse("one-thign", &[&ONE, &TWO]),
            Err("no rule has the code, prefix or name `one-thign`; did you mean `one-thing`?".to_owned())
        );
    }
}
