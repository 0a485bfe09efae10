//! Codes that are not given any more, and what says the same now. A code is never used for something else.

/// A rule that was.
pub struct Retired {
    pub code: &'static str,
    pub name: &'static str,
    /// The code of the rule that took it over.
    pub successor: &'static str,
    /// In words that follow "it is retired:".
    pub reason: &'static str,
}

impl Retired {
    /// What is said to who asks for it.
    pub fn answer(&self) -> String {
        format!("{} (`{}`) is retired: {}", self.code, self.name, self.reason)
    }
}

/// All of them, sorted by code.
pub static ALL: &[Retired] = &[Retired {
    code: "FLC528",
    name: "variable-of-the-job",
    successor: "FLC518",
    reason: "FLC518 says the same of every target",
}];

/// The retired rule of this code or name.
pub fn find(text: &str) -> Option<&'static Retired> {
    ALL.iter()
        .find(|retired| retired.code.eq_ignore_ascii_case(text) || retired.name.eq_ignore_ascii_case(text))
}
