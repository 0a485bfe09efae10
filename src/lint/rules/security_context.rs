//! `security_context` of `@kubernetes` has an entry that a container's security context does not have.

use crate::declare_rule;
use crate::diagnostic::{Diagnostic, Severity, nearest};
use crate::lint::Context;
use crate::lint::uses::{self, shown};
use crate::target::Target;
use crate::value::Value;

declare_rule! {
    /// `security_context` of `@kubernetes` has an entry that a container's security context does not have, or a value
    /// of another kind than the API server takes.
    /// Entries with which the API server or the node refuses the container (`privileged` without `allow_privilege_escalation`)
    /// are a warning.
    ///
    /// ## Wrong
    /// ```python
    /// # target: argo
    /// from metaflow import FlowSpec, kubernetes, step
    ///
    ///
    /// class DemoFlow(FlowSpec):
    ///     @kubernetes(security_context={"run_as_usr": 1000})
    ///     @step
    ///     def start(self):
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     DemoFlow()
    /// ```
    ///
    /// ## Right
    /// ```python
    /// # target: argo
    /// from metaflow import FlowSpec, kubernetes, step
    ///
    ///
    /// class DemoFlow(FlowSpec):
    ///     @kubernetes(security_context={"run_as_user": 1000})
    ///     @step
    ///     def start(self):
    ///         self.next(self.end)
    ///
    ///     @step
    ///     def end(self):
    ///         pass
    ///
    ///
    /// if __name__ == "__main__":
    ///     DemoFlow()
    /// ```
    ///
    /// ## What Metaflow says
    /// nothing in `check`; when it deploys, a traceback of the Python client of Kubernetes, which depends on its
    /// version (2.19.39)
    pub static INFO: error "FLC409" "security-context";
}

/// What an entry holds.
#[derive(Clone, Copy)]
enum Holds {
    Flag,
    Id,
    Text,
    /// An object of its own, which is left to Kubernetes.
    Object,
}

/// Of `V1SecurityContext`, Kubernetes 1.34.
const ENTRIES: [(&str, Holds); 12] = [
    ("allow_privilege_escalation", Holds::Flag),
    ("app_armor_profile", Holds::Object),
    ("capabilities", Holds::Object),
    ("privileged", Holds::Flag),
    ("proc_mount", Holds::Text),
    ("read_only_root_filesystem", Holds::Flag),
    ("run_as_group", Holds::Id),
    ("run_as_non_root", Holds::Flag),
    ("run_as_user", Holds::Id),
    ("se_linux_options", Holds::Object),
    ("seccomp_profile", Holds::Object),
    ("windows_options", Holds::Object),
];

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    let Some(target) = context
        .target
        .map(|target| target.target)
        .filter(|target| *target != Target::StepFunctions)
    else {
        return;
    };
    for used in uses::named(context, "kubernetes") {
        let Some(written) = used.truthy("security_context") else {
            continue;
        };
        // The definition is accepted; its pods are not.
        if let Some(message) = contradiction(written.value) {
            let finding = used.finding(&INFO, written.span, message);
            out.push(finding.severity(Severity::Warning).target(target));
        }
        for (key, value) in written.value.as_dict().unwrap_or_default() {
            let text = key.to_text();
            let Some((known, holds)) = ENTRIES.iter().find(|(known, _)| is_same(known, &text)) else {
                let message = format!("a security context has no {}", shown(key));
                let finding = used.finding(&INFO, written.place(&text), message).target(target);
                let names = ENTRIES.map(|(name, _)| name);
                out.push(match nearest(&text, names) {
                    Some(near) => finding.help(format!("did you mean `{near}`?")),
                    None => finding.help(format!("its entries are `{}`", names.join("`, `"))),
                });
                continue;
            };
            if let Some(wanted) = holds.refuses(value) {
                let message = format!(
                    "`{known}` of a security context is {wanted}, not {}",
                    shown(value)
                );
                out.push(used.finding(&INFO, written.place(&text), message).target(target));
            }
        }
    }
}

/// Two entries with which the API server or the node refuses the container.
fn contradiction(value: &Value) -> Option<&'static str> {
    let entry = |name: &str| {
        let mut entries = value.as_dict().unwrap_or_default().iter();
        entries.find_map(|(key, value)| is_same(name, &key.to_text()).then_some(value))
    };
    let is = |name: &str, wanted: Value| entry(name) == Some(&wanted);
    if is("privileged", Value::Bool(true)) && is("allow_privilege_escalation", Value::Bool(false)) {
        return Some("a `privileged` container cannot have `allow_privilege_escalation` false");
    }
    (is("run_as_non_root", Value::Bool(true)) && is("run_as_user", Value::Int(0)))
        .then_some("the user 0 is root, which `run_as_non_root` forbids")
}

impl Holds {
    /// What it would have to be; nothing where the value is right, or `None`, which leaves the entry out.
    fn refuses(self, value: &Value) -> Option<&'static str> {
        let is_right = match self {
            Self::Flag => matches!(value, Value::Bool(_)),
            Self::Id => matches!(value, Value::Int(0..)),
            Self::Text => value.as_str().is_some(),
            Self::Object => value.as_dict().is_some(),
        };
        let wanted = match self {
            Self::Flag => "`True` or `False`",
            Self::Id => "a whole number from 0",
            Self::Text => "a text",
            Self::Object => "a dict",
        };
        (!is_right && *value != Value::None).then_some(wanted)
    }
}

/// `run_as_user`, or as YAML has it, `runAsUser`.
fn is_same(known: &str, written: &str) -> bool {
    known == written || known.replace('_', "").eq_ignore_ascii_case(written)
}
