//! Texts of a definition that a bare state machine holds as they are and a CloudFormation template may hold as
//! intrinsic functions, and objects whose keys the flow chooses.

use serde::ser::{Serialize, SerializeMap, Serializer};

/// A text, written out or left to CloudFormation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Text {
    Plain(String),
    /// `{"Ref": …}`
    Ref(String),
    /// `{"Fn::Sub": …}`; what is no reference in it must be escaped by [`Text::escape`].
    Sub(String),
    /// `{"Fn::GetAtt": [resource, attribute]}`
    Attribute(String, &'static str),
    /// `{"Fn::Join": ["", pieces]}`
    Joined(Vec<String>),
}

impl Text {
    pub fn plain(text: impl Into<String>) -> Self {
        Self::Plain(text.into())
    }

    pub fn reference(name: impl Into<String>) -> Self {
        Self::Ref(name.into())
    }

    /// A text as it stands inside of `Fn::Sub`.
    pub fn escape(text: &str) -> String {
        text.replace("${", "${!")
    }

    /// What looks like a reference of a template (`${AWS::Region}`) but is a user's text is cut in two, so that nobody
    /// takes it for one.
    pub fn for_template(&mut self) {
        if let Self::Plain(text) = self
            && text.contains("${")
        {
            let pieces = text.split_inclusive('$').map(str::to_owned).collect();
            *self = Self::Joined(pieces);
        }
    }

    /// Its characters, where they are known; a reference counts with the longest text that it may stand for.
    pub fn longest(&self, reference: usize) -> usize {
        match self {
            Self::Plain(text) => text.chars().count(),
            Self::Sub(text) => text.chars().count() + reference,
            Self::Joined(pieces) => pieces.iter().map(|piece| piece.chars().count()).sum(),
            Self::Ref(_) | Self::Attribute(..) => reference,
        }
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Plain(text) => serializer.serialize_str(text),
            Self::Ref(name) => function(serializer, "Ref", name),
            Self::Sub(text) => function(serializer, "Fn::Sub", text),
            Self::Attribute(resource, attribute) => {
                function(serializer, "Fn::GetAtt", &[resource.as_str(), attribute])
            }
            Self::Joined(pieces) => function(serializer, "Fn::Join", &("", pieces)),
        }
    }
}

fn function<S: Serializer, T: Serialize + ?Sized>(
    serializer: S,
    name: &str,
    argument: &T,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(1))?;
    map.serialize_entry(name, argument)?;
    map.end()
}

/// An object with its entries in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Entries<T>(pub Vec<(String, T)>);

impl<T> Default for Entries<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Entries<T> {
    pub fn put(&mut self, key: impl Into<String>, value: T) {
        self.0.push((key.into(), value));
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn values(&self) -> impl Iterator<Item = &T> {
        self.0.iter().map(|(_, value)| value)
    }
}

impl<T: Serialize> Serialize for Entries<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}

/// A value that is known now, or a `JSONPath` (or intrinsic function of the States Language) that gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    Value(Text),
    Path(String),
}

impl Source {
    pub fn plain(text: impl Into<String>) -> Self {
        Self::Value(Text::plain(text))
    }

    pub fn path(path: impl Into<String>) -> Self {
        Self::Path(path.into())
    }

    /// See [`Text::for_template`].
    pub fn for_template(&mut self) {
        match self {
            Self::Value(text) => text.for_template(),
            Self::Path(_) => {}
        }
    }
}

/// An object of [`Source`]s: the key of a path ends in `.$`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sources(pub Vec<(String, Source)>);

impl Sources {
    pub fn put(&mut self, key: impl Into<String>, source: Source) {
        self.0.push((key.into(), source));
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn paths<const N: usize>(paths: [(&str, &str); N]) -> Self {
        Self(
            paths
                .map(|(key, path)| (key.to_owned(), Source::path(path)))
                .to_vec(),
        )
    }
}

impl Serialize for Sources {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, source) in &self.0 {
            match source {
                Source::Value(text) => map.serialize_entry(key, text)?,
                Source::Path(path) => map.serialize_entry(&format!("{key}.$"), path)?,
            }
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_have_their_own_keys() {
        let mut sources = Sources::paths([("JobId", "$.JobId")]);
        sources.put("step_name", Source::plain("$.JobId"));
        let json = serde_json::to_string(&sources).unwrap();
        assert_eq!(json, r#"{"JobId.$":"$.JobId","step_name":"$.JobId"}"#);
    }

    #[test]
    fn substitution_leaves_shell_variables_alone() {
        assert_eq!(Text::escape("${T:0:26} $A"), "${!T:0:26} $A");
        let json = serde_json::to_string(&Text::reference("Table")).unwrap();
        assert_eq!(json, r#"{"Ref":"Table"}"#);
    }
}
