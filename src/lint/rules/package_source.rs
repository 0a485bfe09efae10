//! The rule `package-source`.

use crate::declare_rule;
use crate::decorator::package_sources::{source, sources};
use crate::diagnostic::Diagnostic;
use crate::lint::Context;
use crate::lint::uses::{self, Use, shown};
use crate::value::Value;

declare_rule! {
    /// `@package_sources` is given no source, or a place in the package that is outside of it (absolute, `.`, with
    /// `..`), or one place for several sources.
    ///
    /// ## Wrong
    /// ```python
    /// from metaflow import FlowSpec, package_sources, step
    ///
    ///
    /// @package_sources("../shared", arcname="../shared")
    /// class DemoFlow(FlowSpec):
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
    /// from metaflow import FlowSpec, package_sources, step
    ///
    ///
    /// @package_sources("../shared", arcname="shared")
    /// class DemoFlow(FlowSpec):
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
    /// `package_sources arcname must be a relative path inside the code package`, `arcname can only be used with a
    /// single package source`; without a source a traceback (2.19.39)
    pub static INFO: error "FLC241" "package-source";
}

pub fn check(context: &Context<'_>, out: &mut Vec<Diagnostic>) {
    for used in uses::named(context, "package_sources") {
        match used.get("sources") {
            Some(written) => {
                let problem = sources_problem(written.value);
                out.extend(problem.map(|problem| used.finding(&INFO, written.span, problem)));
            }
            None if !used.may_have("sources") => {
                out.push(used.finding(&INFO, used.span(), "`@package_sources` names no source"));
            }
            None => {}
        }
        out.extend(arcname_finding(&used));
    }
}

fn sources_problem(value: &Value) -> Option<String> {
    let items = match (source(value), value.as_sequence()) {
        (Some(_), _) => std::slice::from_ref(value),
        (None, Some(items)) => items,
        (None, None) => {
            return Some(format!(
                "a source is a path or a pair of path and place, not {}",
                shown(value)
            ));
        }
    };
    items.iter().find_map(|item| match source(item) {
        None => Some(format!(
            "a source is a path or a pair of path and place, not {}",
            shown(item)
        )),
        Some((_, Some(place))) if is_outside(&place) => Some(outside(&place)),
        Some(_) => None,
    })
}

fn arcname_finding(used: &Use<'_>) -> Option<Diagnostic> {
    let arcname = used.get("arcname")?;
    let place = arcname.value.as_str()?;
    let count = used.get("sources").map(|written| sources(written.value).len());
    if count.is_some_and(|count| count > 1) {
        let message = "`arcname` is the place of one source, and there are several";
        let finding = used.finding(&INFO, arcname.span, message);
        return Some(finding.help("write pairs: `[(\"path\", \"place\"), …]`"));
    }
    is_outside(place).then(|| used.finding(&INFO, arcname.span, outside(place)))
}

fn outside(place: &str) -> String {
    format!("`{place}` is no place inside of the code package: it must be relative, without `..`")
}

fn is_outside(place: &str) -> bool {
    let parts: Vec<&str> = place.split(['/', '\\']).collect();
    let is_here = parts.iter().all(|part| part.is_empty() || *part == ".");
    place.starts_with('/') || parts.contains(&"..") || is_here
}
