//! Objects that something unknown may be: `x = a if unknown else b`, `lists[unknown]`. What changes `x` changes one of
//! them, and nobody knows which.

use std::collections::HashSet;
use std::rc::Rc;

use ruff_python_ast::Expr;
use ruff_python_ast::visitor::{self, Visitor};

use super::depth;
use super::follow::Flow;
use super::interpreter::{Interpreter, opaque};
use super::lazy::{Iter, Lazy};
use super::mutation;
use super::namespace::Namespace;
use super::object::{Class, Code, Function, MethodKind, Object, Shared, Thing};
use super::scope::Scope;
use crate::source::Span;
use crate::value::Unknown;

impl<'a> Interpreter<'a> {
    /// The expression is not known: it may be any object that it names.
    pub(super) fn leak_names(&mut self, expression: &'a Expr, scope: &Scope<'a>) {
        if matches!(expression, Expr::Name(_)) {
            return;
        }
        let mut names = Names::default();
        names.visit_expr(expression);
        // `~~~…~unknown`: each level looks through all below it.
        self.work_elsewhere
            .set(self.work_elsewhere.get().saturating_add(names.visited));
        for name in names.found {
            if let Some(thing) = seen_from(name, scope) {
                self.leak(&thing);
            }
        }
    }

    /// What a piece of code gives may be this object.
    pub(super) fn leak_result(&mut self, flow: &Flow<'a>) {
        if let Flow::Return(thing) = flow {
            self.leak(thing);
        }
    }

    /// Something unknown may be this object.
    pub(super) fn leak(&mut self, thing: &Thing<'a>) {
        let can_change = match &thing.object {
            Object::List(_)
            | Object::Set(_)
            | Object::Dict(_)
            | Object::Tuple(_)
            | Object::View(_)
            | Object::Iterator(_)
            | Object::Function(_)
            | Object::Method(_)
            | Object::Partial(_)
            | Object::Class(_)
            | Object::Instance(_)
            | Object::Names(_) => true,
            Object::Applied(applied) => !applied.arguments.is_empty(),
            Object::Constant(_)
            | Object::Range(_)
            | Object::Path(_)
            | Object::Module(_)
            | Object::External(_)
            | Object::Unknown(_) => false,
        };
        if can_change && !is_lost(thing) {
            let mut leaked = self.leaked.borrow_mut();
            self.work_elsewhere
                .set(self.work_elsewhere.get().saturating_add(1 + leaked.len() / 64));
            if !leaked.iter().any(|known| super::branch::is_same(known, thing)) {
                leaked.push(thing.clone());
            }
        }
    }

    /// A method of something unknown is called: one that changes a container, or any of an object.
    pub(super) fn change_by_method(&self, method: &str, span: Span) {
        let is_of_containers = mutation::is_changing(method) || method.starts_with("__");
        self.change_leaked(span, is_of_containers);
    }

    /// Something unknown is changed, or called.
    pub(super) fn change_unknown(&self, span: Span) {
        self.change_leaked(span, true);
    }

    fn change_leaked(&self, span: Span, has_containers: bool) {
        if self.leaked.borrow().is_empty() {
            return;
        }
        let reason = format!("something that may be it is changed (line {})", self.line(span));
        let mut loser = Loser {
            why: opaque(span, reason),
            has_containers,
            seen: HashSet::new(),
            work: 0,
        };
        let leaked = self.leaked.take();
        for thing in &leaked {
            loser.lose(thing, 0);
        }
        // Nothing more can happen to what is lost.
        let left = leaked.into_iter().filter(|thing| !is_lost(thing));
        self.leaked.replace(left.collect());
        self.work_elsewhere
            .set(self.work_elsewhere.get().saturating_add(loser.work));
    }
}

impl Interpreter<'_> {
    /// A module that is not known is imported: it may fill the registries of those that are loaded, and a package has
    /// it as an attribute. Nobody imports the entry file, whose module is `__main__`.
    pub(super) fn change_loaded(&self, span: Span) {
        let reason = format!(
            "a module whose name is not known is imported, which may change it (line {})",
            self.line(span)
        );
        let mut loser = Loser {
            why: opaque(span, reason),
            has_containers: true,
            seen: HashSet::new(),
            work: 0,
        };
        for module in self.modules.values().flatten() {
            loser.lose_names(&module.namespace, 0);
            if module.is_package {
                module.namespace.open(loser.why.clone());
            }
        }
        self.work_elsewhere
            .set(self.work_elsewhere.get().saturating_add(loser.work));
    }
}

/// The functions of the project that a function names, as it sees them now.
pub(super) fn functions_named_in<'a>(function: &Function<'a>) -> Vec<Rc<Function<'a>>> {
    let mut names = Names::default();
    match function.code {
        Code::Def(node) => names.visit_body(&node.body),
        Code::Lambda(node) => names.visit_expr(&node.body),
    }
    let things = names.found.into_iter();
    let things = things.filter_map(|name| seen_from(name, &function.scope));
    things
        .filter_map(|thing| {
            if let Object::Function(function) = thing.object {
                Some(function)
            } else {
                None
            }
        })
        .collect()
}

/// The things from outside of the project that a function names, and how much was looked at.
pub(super) fn externals_named_in(function: &Function<'_>) -> (Vec<Rc<str>>, usize) {
    let mut names = Names::default();
    match function.code {
        Code::Def(node) => names.visit_body(&node.body),
        Code::Lambda(node) => names.visit_expr(&node.body),
    }
    let external = |name: &str| {
        if let Object::External(external) = seen_from(name, &function.scope)?.object {
            Some(external)
        } else {
            None
        }
    };
    let mut externals: Vec<Rc<str>> = names.found.iter().filter_map(|name| external(name)).collect();
    let attributes = names.attributes.iter();
    externals.extend(
        attributes.filter_map(|(name, attribute)| Some(Rc::from(format!("{}.{attribute}", external(name)?)))),
    );
    (externals, names.visited)
}

/// Is nothing known of the object, or of what it holds?
fn is_lost(thing: &Thing<'_>) -> bool {
    match &thing.object {
        Object::List(items) | Object::Set(items) => items.is_lost.get(),
        Object::Dict(entries) => entries.is_lost.get(),
        Object::View(view) => view.entries.is_lost.get(),
        Object::Iterator(iterator) => iterator.is_lost.get(),
        // A tuple of tuples of tuples would be walked as often as it is held.
        Object::Tuple(items) => {
            let is_flat = |item: &Thing<'_>| !matches!(item.object, Object::Tuple(_));
            items.iter().all(|item| is_flat(item) && is_lost(item))
        }
        Object::Constant(_)
        | Object::Range(_)
        | Object::Path(_)
        | Object::Module(_)
        | Object::External(_)
        | Object::Unknown(_) => true,
        Object::Function(_)
        | Object::Method(_)
        | Object::Partial(_)
        | Object::Class(_)
        | Object::Instance(_)
        | Object::Applied(_)
        | Object::Names(_) => false,
    }
}

/// What a name means at a place, without asking whether that is known.
fn seen_from<'a>(name: &str, scope: &Scope<'a>) -> Option<Thing<'a>> {
    let mut frame = scope.innermost.as_deref();
    while let Some(current) = frame {
        if let Some(binding) = current.names.bound(name) {
            return Some(binding.thing);
        }
        frame = current.outer.as_deref();
    }
    scope.module.namespace.bound(name).map(|binding| binding.thing)
}

/// Goes through all that can be reached from an object, functions by the names in them.
struct Loser {
    why: Unknown,
    /// Lists, dicts and sets change too, not only objects of classes.
    has_containers: bool,
    /// Addresses of what was met.
    seen: HashSet<usize>,
    /// How much was looked at.
    work: usize,
}

const MOST_DEEP: u32 = 50;

impl Loser {
    fn is_new<T: ?Sized>(&mut self, object: &Rc<T>) -> bool {
        self.seen.insert(Rc::as_ptr(object).cast::<()>() as usize)
    }

    fn lose(&mut self, thing: &Thing<'_>, depth: u32) {
        self.work += 1;
        if depth > MOST_DEEP {
            return;
        }
        match &thing.object {
            Object::List(items) | Object::Set(items) => self.lose_items(items, depth),
            Object::Dict(entries) => {
                if !entries.is_lost.get() && self.is_new(entries) {
                    entries
                        .whatever()
                        .iter()
                        .for_each(|(_, value)| self.lose(value, depth + 1));
                    if self.has_containers {
                        entries.is_lost.set(true);
                        entries.spoil(self.why.clone());
                    }
                }
            }
            Object::View(view) => self.lose(&Thing::new(Object::Dict(Rc::clone(&view.entries))), depth),
            Object::Tuple(items) => {
                if self.is_new(items) {
                    items.iter().for_each(|item| self.lose(item, depth + 1));
                }
            }
            Object::Iterator(iterator) => self.lose_iterator(iterator, depth),
            Object::Function(function) => self.lose_function(function, depth),
            Object::Method(method) => {
                self.lose(&method.receiver, depth + 1);
                if let MethodKind::Function(function) = &method.kind {
                    self.lose_function(function, depth);
                }
            }
            Object::Partial(partial) => {
                self.lose(&partial.callee, depth + 1);
                partial
                    .arguments
                    .iter()
                    .for_each(|argument| self.lose(&argument.thing, depth + 1));
            }
            Object::Class(class) => self.lose_class(class, depth),
            Object::Instance(instance) => {
                if self.is_new(&instance.attributes) {
                    self.lose_names(&instance.attributes, depth);
                    instance
                        .arguments
                        .iter()
                        .for_each(|argument| self.lose(&argument.thing, depth + 1));
                    instance.attributes.open_wholly(&self.why);
                    self.lose_methods(&instance.class, depth);
                }
            }
            Object::Applied(applied) => {
                applied
                    .arguments
                    .iter()
                    .for_each(|argument| self.lose(&argument.thing, depth + 1));
            }
            Object::Names(names) => names.lose(&self.why),
            Object::Constant(_)
            | Object::Range(_)
            | Object::Path(_)
            | Object::Module(_)
            | Object::External(_)
            | Object::Unknown(_) => {}
        }
    }

    fn lose_items(&mut self, items: &Rc<Shared<Vec<Thing<'_>>>>, depth: u32) {
        if items.is_lost.get() || !self.is_new(items) {
            return;
        }
        items
            .whatever()
            .iter()
            .for_each(|item| self.lose(item, depth + 1));
        if self.has_containers {
            items.is_lost.set(true);
            items.spoil(self.why.clone());
        }
    }

    fn lose_iterator(&mut self, iterator: &Iter<'_>, depth: u32) {
        if iterator.is_lost.get() || !self.is_new(iterator) {
            return;
        }
        match &*iterator.whatever() {
            Lazy::Ended => {}
            Lazy::Items(items) => items.iter().for_each(|item| self.lose(item, depth + 1)),
            Lazy::Cursor { container, .. } | Lazy::Backwards { list: container, .. } => {
                self.lose(container, depth + 1);
            }
            Lazy::Counted { of, .. } | Lazy::Filtered { of, .. } => self.lose_iterator(of, depth + 1),
            Lazy::Zipped(of) | Lazy::Mapped { of, .. } => {
                for of in of {
                    self.lose_iterator(of, depth + 1);
                }
            }
            Lazy::Chained { current, rest } => {
                if let Some(of) = current {
                    self.lose_iterator(of, depth + 1);
                }
                for item in rest {
                    self.lose(item, depth + 1);
                }
            }
            Lazy::Generated { rounds, .. } => self.lose(&rounds.iterable, depth + 1),
        }
        if self.has_containers {
            iterator.is_lost.set(true);
        }
        iterator.spoil(self.why.clone());
    }

    fn lose_names(&mut self, names: &Namespace<'_>, depth: u32) {
        for (name, _) in names.entries() {
            if let Some(binding) = names.bound(name) {
                self.lose(&binding.thing, depth + 1);
            }
        }
    }

    /// A class that was called is no class that was changed: its constants stay unless it is the class itself that
    /// something unknown may be.
    fn lose_class(&mut self, class: &Rc<Class<'_>>, depth: u32) {
        if self.is_new(class) {
            self.lose_methods(class, depth);
            if depth == 0 {
                class.namespace.lose(&self.why);
            }
        }
    }

    fn lose_methods(&mut self, class: &Rc<Class<'_>>, depth: u32) {
        for (name, _) in class.namespace.entries() {
            if let Some(binding) = class.namespace.bound(name)
                && !matches!(binding.thing.object, Object::Class(_))
            {
                self.lose(&binding.thing, depth + 1);
            }
        }
    }

    /// What a function gives, or changes, is among what it names.
    fn lose_function(&mut self, function: &Rc<Function<'_>>, depth: u32) {
        let at = match function.code {
            Code::Def(node) => std::ptr::from_ref(node) as usize,
            Code::Lambda(node) => std::ptr::from_ref(node) as usize,
        };
        if !self.seen.insert(at) {
            return;
        }
        let mut names = Names::default();
        match function.code {
            Code::Def(node) => names.visit_body(&node.body),
            Code::Lambda(node) => names.visit_expr(&node.body),
        }
        self.work += names.found.len();
        for (_, default) in function.defaults.iter() {
            self.lose(default, depth + 1);
        }
        for name in names.found {
            if let Some(thing) = seen_from(name, &function.scope)
                && !matches!(thing.object, Object::Class(_))
            {
                self.lose(&thing, depth + 1);
            }
        }
    }
}

/// The names that an expression or a body reads, those of functions in it too.
#[derive(Default)]
struct Names<'e> {
    found: Vec<&'e str>,
    /// `mf.kubernetes`, as the name and its attribute.
    attributes: Vec<(&'e str, &'e str)>,
    /// Expressions looked at.
    visited: usize,
    depth: u32,
}

impl<'e> Visitor<'e> for Names<'e> {
    fn visit_stmt(&mut self, statement: &'e ruff_python_ast::Stmt) {
        if self.depth <= depth::LIMIT {
            self.depth += 1;
            visitor::walk_stmt(self, statement);
            self.depth -= 1;
        }
    }

    fn visit_expr(&mut self, expression: &'e Expr) {
        self.visited += 1;
        if let Expr::Name(name) = expression
            && !self.found.contains(&name.id.as_str())
        {
            self.found.push(name.id.as_str());
        }
        if let Expr::Attribute(attribute) = expression
            && let Expr::Name(name) = &*attribute.value
        {
            self.attributes.push((name.id.as_str(), attribute.attr.as_str()));
        }
        if self.depth <= depth::LIMIT {
            self.depth += 1;
            visitor::walk_expr(self, expression);
            self.depth -= 1;
        }
    }

    fn visit_annotation(&mut self, _: &'e Expr) {}
}
