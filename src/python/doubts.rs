//! Operations that may raise: what is not followed exactly, because something unknown takes part or code that is not
//! followed, calls [`Interpreter::doubt`]. Knows no handler.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "only what comes from outside of the project is doubted by its name"
)]

use super::interpreter::{self, Interpreter, opaque};
use super::object::{Object, Thing};
use super::{library, standard};
use crate::source::Span;

/// Parts of Metaflow that ask its metadata or run flows, which may fail; all else of it only defines.
const CLIENT: [&str; 15] = [
    "DataArtifact",
    "Deployer",
    "Flow",
    "Job",
    "Metaflow",
    "NBDeployer",
    "NBRunner",
    "Run",
    "Runner",
    "S3",
    "Step",
    "Task",
    "client",
    "inspect_spin",
    "namespace",
];

/// Modules of the standard library below others that every Python has.
const SUBMODULES: [&str; 16] = [
    "collections.abc",
    "concurrent.futures",
    "email.mime",
    "http.client",
    "http.server",
    "importlib.util",
    "json.decoder",
    "logging.config",
    "logging.handlers",
    "os.path",
    "unittest.mock",
    "urllib.error",
    "urllib.parse",
    "urllib.request",
    "xml.etree",
    "xml.etree.ElementTree",
];

/// Modules of the standard library of which programs try newer names that a current Python has.
const KEPT_UP: [&str; 6] = [
    "collections",
    "contextlib",
    "dataclasses",
    "enum",
    "functools",
    "typing",
];

impl<'a> Interpreter<'a> {
    /// Something is done whose outcome is not followed exactly: it may raise. Outside of a `try` that says nothing,
    /// for there the program would end.
    pub(super) fn doubt(&self) {
        self.doubts.set(self.doubts.get().saturating_add(1));
    }

    /// `import torch`: outside of the project and of what every Python has, it may not be there.
    pub(super) fn doubt_import(&mut self, module: &str, span: Span) {
        let top = module.split('.').next().unwrap_or(module);
        let is_standard = standard::is_standard(top) && (top == module || SUBMODULES.contains(&module));
        if is_standard || matches!(top, "metaflow" | "builtins") {
            return;
        }
        self.note_import_doubt(module, span);
    }

    /// `from json import nothing`
    pub(super) fn doubt_imported_name(&mut self, module: &str, name: &str, span: Span) {
        let is_sure = !standard::is_standard(module)
            || KEPT_UP.contains(&module)
            || library::is_callable(&format!("{module}.{name}"));
        if !is_sure && self.attributes_tried != interpreter::Tried::None {
            self.note_import_doubt(&format!("{module}.{name}"), span);
        }
    }

    fn note_import_doubt(&mut self, module: &str, span: Span) {
        self.doubt();
        self.import_doubts = self.import_doubts.saturating_add(1);
        let why = || opaque(span, format!("it depends on whether `{module}` can be imported"));
        self.import_in_doubt.get_or_insert_with(why);
    }

    /// A call, or another use, of something outside of the project by its dotted name.
    pub(super) fn doubt_foreign(&self, name: &str) {
        let may_raise = name
            .strip_prefix("metaflow.")
            .is_none_or(|rest| CLIENT.contains(&rest.split(['.', '(']).next().unwrap_or(rest)));
        if may_raise {
            self.doubt();
        }
    }

    /// What comes from outside of the project is used in a way that its class decides: hashed, added to.
    pub(super) fn doubt_use(&self, thing: &Thing<'a>) {
        match &thing.object {
            Object::Applied(applied) => self.doubt_foreign(&applied.callee),
            Object::External(name) if !standard::is_standard(name) => self.doubt_foreign(name),
            _ => {}
        }
    }

    /// `random.foo` within a `try` may be what its handlers are for.
    pub(super) fn doubt_attribute(&mut self, external: &str) {
        let top = external.split('.').next().unwrap_or(external);
        let is_doubtful = match self.attributes_tried {
            interpreter::Tried::None => false,
            interpreter::Tried::Installed => top != "builtins" && !standard::is_standard(top),
            interpreter::Tried::All => top != "builtins",
        };
        if is_doubtful && top != "metaflow" {
            self.doubt();
        }
    }
}
