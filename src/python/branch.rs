//! Statements of which it is not known whether they run: what they change is unknown afterwards.

use std::collections::HashSet;
use std::rc::Rc;

use super::interpreter::{Interpreter, Stop, opaque};
use super::lazy::{Iter, Lazy};
use super::namespace::Namespace;
use super::object::{Binding, Object, Shared, Thing};
use crate::source::Span;
use crate::value::Unknown;

/// A branch that is being followed though it may not run.
pub(super) struct Branch<'a> {
    id: u32,
    why: Unknown,
    /// It runs, at least its beginning: the body of a `try`.
    is_tried: bool,
    /// How many doubts there were when it began.
    doubts: u32,
    /// Containers that a tried branch changed.
    changed: Vec<Rc<dyn Spoil + 'a>>,
    /// What was bound before, for each name that the branch binds.
    before: Vec<(Rc<Namespace<'a>>, &'a str, Option<Binding<'a>>)>,
}

impl Branch<'_> {
    pub fn why(&self) -> &Unknown {
        &self.why
    }

    pub fn is_tried(&self) -> bool {
        self.is_tried
    }
}

/// A container whose content may be lost.
pub(super) trait Spoil {
    fn lose(&self, why: &Unknown);
}

impl<T> Spoil for Shared<T> {
    fn lose(&self, why: &Unknown) {
        self.spoil(why.clone());
    }
}

/// What the body of a `try` did.
pub(super) struct Tried<'a> {
    pub changes: Vec<Change<'a>>,
    changed: Vec<Rc<dyn Spoil + 'a>>,
}

/// What a branch bound (or unbound), to be merged with its alternative.
pub(super) struct Change<'a> {
    namespace: Rc<Namespace<'a>>,
    name: &'a str,
    after: Option<Binding<'a>>,
}

impl<'a> Interpreter<'a> {
    /// Namespaces and containers made outside of the branch have a smaller number.
    pub fn branch_id(&self) -> u32 {
        self.branches.last().map_or(0, |branch| branch.id)
    }

    /// Follows statements that may or may not run; afterwards every name is as before.
    pub fn in_branch<T>(&mut self, why: &Unknown, work: impl FnOnce(&mut Self) -> T) -> (T, Vec<Change<'a>>) {
        let (result, tried) = self.in_branch_of_kind(why, false, work);
        (result, tried.changes)
    }

    /// Follows the body of a `try`, which may end before its end.
    pub fn in_tried_branch<T>(&mut self, why: &Unknown, work: impl FnOnce(&mut Self) -> T) -> (T, Tried<'a>) {
        self.in_branch_of_kind(why, true, work)
    }

    fn in_branch_of_kind<T>(
        &mut self,
        why: &Unknown,
        is_tried: bool,
        work: impl FnOnce(&mut Self) -> T,
    ) -> (T, Tried<'a>) {
        self.branches.push(Branch {
            id: self.next_branch,
            why: why.clone(),
            is_tried,
            doubts: self.doubts.get(),
            changed: Vec::new(),
            before: Vec::new(),
        });
        self.next_branch += 1;
        self.catchers += 1;
        let result = work(self);
        self.catchers -= 1;
        let (before, changed) = match self.branches.pop() {
            Some(branch) => (branch.before, branch.changed),
            None => (Vec::new(), Vec::new()),
        };
        let mut changes = Vec::with_capacity(before.len());
        for (namespace, name, old) in before {
            let after = namespace.bound(name);
            match old {
                Some(old) => namespace.set(name, old),
                None => {
                    namespace.remove(name);
                }
            }
            changes.push(Change {
                namespace,
                name,
                after,
            });
        }
        (result, Tried { changes, changed })
    }

    /// What a tried branch changed is unknown, but for names.
    pub fn lose_changed(&self, tried: &Tried<'a>, why: &Unknown) {
        tried.changed.iter().for_each(|container| container.lose(why));
    }

    /// Is it not known whether the statement runs?
    pub fn is_in_doubt(&self) -> bool {
        self.branches.iter().any(|branch| !branch.is_tried)
    }

    /// Why it is not known whether the statement runs, for something that was made when the innermost branch had the
    /// number `born`.
    pub(super) fn why_in_doubt(&self, born: u32) -> Option<&Unknown> {
        let mut branches = self.branches.iter().rev();
        // What may have raised before in a `try` may have ended it.
        let may_have_ended = |branch: &Branch<'_>| self.doubts.get() > branch.doubts;
        let doubtful =
            branches.find(|branch| born < branch.id && (!branch.is_tried || may_have_ended(branch)));
        doubtful.map(|branch| &branch.why)
    }

    /// Takes over what a branch changed: it was found that it ran.
    pub fn adopt(&mut self, changes: Vec<Change<'a>>) {
        for change in changes {
            match change.after {
                Some(binding) => self.bind(&change.namespace, change.name, binding),
                None => {
                    self.remove(&change.namespace, change.name);
                }
            }
        }
    }

    /// One of two branches ran: names that differ are unknown.
    pub fn merge(&mut self, one: Vec<Change<'a>>, other: Vec<Change<'a>>, why: &Unknown) {
        let mut rest = other;
        for change in one {
            let same = |candidate: &Change<'a>| {
                candidate.name == change.name && Rc::ptr_eq(&candidate.namespace, &change.namespace)
            };
            let alternative = match rest.iter().position(same) {
                Some(at) => rest.swap_remove(at).after,
                None => change.namespace.bound(change.name),
            };
            self.merge_name(&change.namespace, change.name, change.after, alternative, why);
        }
        for change in rest {
            let alternative = change.namespace.bound(change.name);
            self.merge_name(&change.namespace, change.name, change.after, alternative, why);
        }
    }

    fn merge_name(
        &mut self,
        namespace: &Rc<Namespace<'a>>,
        name: &'a str,
        one: Option<Binding<'a>>,
        other: Option<Binding<'a>>,
        why: &Unknown,
    ) {
        let span = one
            .as_ref()
            .or(other.as_ref())
            .map_or(why.span, |binding| binding.span);
        let thing = match (one, other) {
            (Some(one), Some(other)) if is_same(&one.thing, &other.thing) => {
                one.thing.resting_on([&other.thing])
            }
            (None, None) => return,
            (one, other) => {
                for binding in one.iter().chain(&other) {
                    self.leak(&binding.thing);
                }
                if let (Some(one), Some(other)) = (&one, &other) {
                    self.note_perhaps_flow(name, &one.thing, &other.thing, why);
                }
                Thing::unknown(self.any_binding([one.as_ref(), other.as_ref()], span, why))
            }
        };
        self.bind(namespace, name, Binding { thing, span });
    }

    /// All that a branch changed is unknown: it may run any number of times.
    pub fn forget(&mut self, changes: Vec<Change<'a>>, why: &Unknown) {
        for change in changes {
            let before = change.namespace.bound(change.name);
            for binding in before.iter().chain(&change.after) {
                self.leak(&binding.thing);
            }
            let span = change.after.as_ref().map_or(why.span, |binding| binding.span);
            let thing = Thing::unknown(self.any_binding([before.as_ref(), change.after.as_ref()], span, why));
            self.bind(&change.namespace, change.name, Binding { thing, span });
        }
    }

    /// What a tried branch bound, it may have bound or not.
    pub fn lose_bound(&mut self, changes: &[Change<'a>], why: &Unknown) {
        for change in changes {
            let before = change.namespace.bound(change.name);
            let is_kept = match (&before, &change.after) {
                (Some(before), Some(after)) => is_same(&before.thing, &after.thing),
                (None, None) => true,
                (Some(_), None) | (None, Some(_)) => false,
            };
            if !is_kept {
                let span = change.after.as_ref().map_or(why.span, |binding| binding.span);
                let bindings = [before.as_ref(), change.after.as_ref()];
                let thing = Thing::unknown(self.any_binding(bindings, span, why));
                self.bind(&change.namespace, change.name, Binding { thing, span });
            }
        }
    }

    /// Binds a name in a namespace; every binding goes through here.
    pub fn bind(&mut self, namespace: &Rc<Namespace<'a>>, name: &'a str, mut binding: Binding<'a>) {
        self.remember(namespace, name);
        binding.thing = self.under_control(binding.thing);
        namespace.apply_poison(name, &binding.thing);
        namespace.set(name, binding);
    }

    pub fn remove(&mut self, namespace: &Rc<Namespace<'a>>, name: &'a str) -> bool {
        self.remember(namespace, name);
        namespace.remove(name)
    }

    fn remember(&mut self, namespace: &Rc<Namespace<'a>>, name: &'a str) {
        let Some(branch) = self.branches.last_mut() else {
            return;
        };
        if namespace.born.get() >= branch.id {
            return;
        }
        let is_known = branch
            .before
            .iter()
            .any(|(known, key, _)| *key == name && Rc::ptr_eq(known, namespace));
        if !is_known {
            branch
                .before
                .push((Rc::clone(namespace), name, namespace.bound(name)));
        }
    }

    /// May the content be changed here? In a branch that may not run, what was there before becomes unknown.
    pub fn change<T: 'a>(&mut self, shared: &Rc<Shared<T>>) -> Result<(), Stop> {
        for branch in self.branches.iter_mut().rev() {
            if shared.born.get() >= branch.id {
                continue;
            }
            if !branch.is_tried {
                shared.spoil(branch.why.clone());
                return Err(Stop::Unknown(branch.why.clone()));
            }
            let shared: Rc<dyn Spoil + 'a> = Rc::<Shared<T>>::clone(shared);
            branch.changed.push(shared);
        }
        Ok(())
    }

    /// What is not known changes the object: its content is unknown from now on, and that of all it holds.
    pub fn spoil(&self, thing: &Thing<'a>, why: &Unknown) {
        self.doubt();
        if let Object::Unknown(unknown) = &thing.object {
            self.change_unknown(unknown.span);
        }
        spoil(&thing.object, why, 0);
    }

    pub fn spoil_by_call(&self, thing: &Thing<'a>, callee: &str, span: Span) {
        if let Object::Function(function) = &thing.object {
            let reason = format!("it was passed to `{callee}` (line {})", self.line(span));
            function.unsettle(&opaque(span, reason));
        }
        let is_mutable = matches!(
            thing.object,
            Object::List(_)
                | Object::Dict(_)
                | Object::Set(_)
                | Object::Tuple(_)
                | Object::Iterator(_)
                | Object::Instance(_)
                | Object::Names(_)
                | Object::Unknown(_)
        );
        if is_mutable {
            let reason = format!(
                "it was passed to `{callee}`, which may change it (line {})",
                self.line(span)
            );
            self.spoil(thing, &opaque(span, reason));
        }
    }
}

pub(super) fn spoil(object: &Object<'_>, why: &Unknown, depth: u32) {
    if depth > 20 {
        return;
    }
    match object {
        Object::Iterator(iterator) => {
            if let Ok(lazy) = iterator.read() {
                iterator.spoil(why.clone());
                spoil_behind(&lazy, why, depth + 1);
            }
        }
        Object::List(items) | Object::Set(items) => {
            // First itself, which ends the walk where it holds itself.
            if let Ok(content) = items.read() {
                items.spoil(why.clone());
                content
                    .iter()
                    .for_each(|item| spoil(&item.object, why, depth + 1));
            }
        }
        Object::Dict(entries) => {
            if let Ok(content) = entries.read() {
                entries.spoil(why.clone());
                content
                    .iter()
                    .for_each(|(_, value)| spoil(&value.object, why, depth + 1));
            }
        }
        Object::Tuple(items) => spoil_tuple(items, why, depth),
        Object::Instance(instance) => instance.attributes.open_wholly(why),
        Object::Names(names) => names.lose(why),
        // Its attributes; what it does stays.
        Object::Function(function) => function.attributes.open(why.clone()),
        Object::Constant(_)
        | Object::Range(_)
        | Object::View(_)
        | Object::Path(_)
        | Object::Method(_)
        | Object::Partial(_)
        | Object::Class(_)
        | Object::Module(_)
        | Object::External(_)
        | Object::Applied(_)
        | Object::Unknown(_) => {}
    }
}

/// Nothing tells that a tuple is done, which may be held in very many places of another.
fn spoil_tuple(items: &Rc<Vec<Thing<'_>>>, why: &Unknown, depth: u32) {
    let mut seen = HashSet::new();
    let mut waiting = vec![Rc::clone(items)];
    while let Some(tuple) = waiting.pop() {
        if !seen.insert(Rc::as_ptr(&tuple) as usize) {
            continue;
        }
        for item in tuple.iter() {
            if let Object::Tuple(inner) = &item.object {
                waiting.push(Rc::clone(inner));
            } else {
                spoil(&item.object, why, depth + 1);
            }
        }
    }
}

/// What an iterator gives may be changed, what it goes over not, unless that is an iterator.
fn spoil_behind(lazy: &Lazy<'_>, why: &Unknown, depth: u32) {
    let behind = |iterators: &[Iter<'_>]| {
        for iterator in iterators {
            if let Ok(lazy) = iterator.read() {
                iterator.spoil(why.clone());
                spoil_behind(&lazy, why, depth + 1);
            }
        }
    };
    match lazy {
        Lazy::Items(items) => items.iter().for_each(|item| spoil(&item.object, why, depth)),
        Lazy::Cursor { container, .. } | Lazy::Backwards { list: container, .. } => {
            if let Object::List(items) = &container.object {
                if let Ok(items) = items.read() {
                    items.iter().for_each(|item| spoil(&item.object, why, depth));
                }
            } else {
                spoil(&container.object, why, depth);
            }
        }
        Lazy::Counted { of, .. } | Lazy::Filtered { of, .. } => behind(std::slice::from_ref(of)),
        Lazy::Zipped(of) | Lazy::Mapped { of, .. } => behind(of),
        Lazy::Chained { current, rest } => {
            behind(current.as_slice());
            for item in rest {
                spoil(&item.object, why, depth);
            }
        }
        Lazy::Generated { rounds, .. } => spoil(&rounds.iterable.object, why, depth),
        Lazy::Ended => {}
    }
}

/// Are the two the same object, or equal constants of one type?
pub(super) fn is_same<'a>(one: &Thing<'a>, other: &Thing<'a>) -> bool {
    match (&one.object, &other.object) {
        (Object::Constant(one), Object::Constant(other)) => {
            one == other && one.type_name() == other.type_name()
        }
        (Object::External(one), Object::External(other)) => one == other,
        (Object::Tuple(one), Object::Tuple(other)) => Rc::ptr_eq(one, other),
        (Object::List(one), Object::List(other)) | (Object::Set(one), Object::Set(other)) => {
            Rc::ptr_eq(one, other)
        }
        (Object::Dict(one), Object::Dict(other)) => Rc::ptr_eq(one, other),
        (Object::Function(one), Object::Function(other)) => Rc::ptr_eq(one, other),
        (Object::Class(one), Object::Class(other)) => Rc::ptr_eq(one, other),
        (Object::Module(one), Object::Module(other)) => Rc::ptr_eq(one, other),
        (Object::Applied(one), Object::Applied(other)) => Rc::ptr_eq(one, other),
        (Object::Instance(one), Object::Instance(other)) => Rc::ptr_eq(one, other),
        (Object::Partial(one), Object::Partial(other)) => Rc::ptr_eq(one, other),
        (Object::Path(one), Object::Path(other)) => one == other,
        (Object::Names(one), Object::Names(other)) => Rc::ptr_eq(one, other),
        (Object::Range(one), Object::Range(other)) => one == other,
        (Object::Unknown(one), Object::Unknown(other)) => one == other,
        (
            Object::Constant(_)
            | Object::External(_)
            | Object::Tuple(_)
            | Object::List(_)
            | Object::Set(_)
            | Object::Dict(_)
            | Object::Range(_)
            | Object::View(_)
            | Object::Iterator(_)
            | Object::Path(_)
            | Object::Function(_)
            | Object::Method(_)
            | Object::Partial(_)
            | Object::Class(_)
            | Object::Module(_)
            | Object::Applied(_)
            | Object::Instance(_)
            | Object::Names(_)
            | Object::Unknown(_),
            _,
        ) => false,
    }
}
