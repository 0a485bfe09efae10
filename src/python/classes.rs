//! Class statements, and objects made of classes.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "only some kinds of objects can be bases"
)]

use std::cell::RefCell;
use std::rc::Rc;

use ruff_python_ast::{self as ast, Stmt};
use ruff_text_size::Ranged;

use super::convert::Given;
use super::interpreter::{Evaluation, Interpreter, Known, Stop, opaque, settle, type_error};
use super::metaclass::Metaclass;
use super::object::{Argument, Binding, Class, Code, Instance, Object, Thing};
use super::scope::{FrameKind, Scope};
use super::{inheritance, library, mutation, standard};
use crate::source::Span;
use crate::value::Value;

impl<'a> Interpreter<'a> {
    /// Follows a class statement and binds its name.
    pub fn follow_class(&mut self, node: &'a ast::StmtClassDef, scope: &Scope<'a>) -> Known<()> {
        let decorators = self.evaluate_decorators(&node.decorator_list, scope)?;
        let inner = self.with_type_parameters(node.type_params.as_deref(), scope);
        let (bases, metaclass, keywords) = self.evaluate_bases(node, &inner)?;
        let class = self.make_class(node, bases, metaclass, &inner)?;
        self.check_enumeration(&class, &decorators)?;
        self.tell_bases(&class, keywords, scope)?;
        let name_span = self.span(scope, node.name.range);
        let mut thing = Thing::new(Object::Class(Rc::clone(&class)));
        for (decorator, span) in decorators.into_iter().rev() {
            thing = match self.decorate(&decorator, thing.clone(), span) {
                Err(Stop::Raise(why)) if self.is_guarded() => {
                    self.note_raised(&why);
                    self.decorate(&Thing::unknown(why), thing, span)?
                }
                result => settle(result)?,
            };
        }
        self.check_fields(&class)?;
        self.bind_name(&node.name.id, thing, scope, name_span);
        Ok(())
    }

    /// The bases, what makes the class (nothing where Python finds nothing that can), and the keyword arguments of the
    /// class statement but for `metaclass`.
    fn evaluate_bases(
        &mut self,
        node: &'a ast::StmtClassDef,
        scope: &Scope<'a>,
    ) -> Known<(Vec<Binding<'a>>, Option<Metaclass<'a>>, Given<'a>)> {
        let mut bases = Vec::new();
        let mut keywords = Given::default();
        for expression in node.arguments.iter().flat_map(|arguments| &arguments.args) {
            let span = self.span(scope, expression.range());
            let thing = match self.evaluate(expression, scope) {
                Err(Stop::Raise(why)) if self.is_guarded() => {
                    self.note_raised(&why);
                    Thing::unknown(why)
                }
                result => result?,
            };
            let thing = match &thing.object {
                Object::Instance(instance) if self.has_method(&instance.class, "__mro_entries__") => {
                    Thing::unknown(opaque(span, "its `__mro_entries__` says what is the base"))
                }
                // A mutator without parentheses makes the class an object; subclassing it gives the class.
                Object::Instance(instance) => Thing::new(Object::Class(Rc::clone(&instance.class))),
                Object::Constant(_) => {
                    let reason = format!("`{}` is no class", self.text(span));
                    Thing::unknown(opaque(span, reason))
                }
                _ => thing,
            };
            bases.push(Binding { thing, span });
        }
        let real_bases = bases.clone();
        bases.extend(self.perhaps_flow(&real_bases));
        let mut explicit = None;
        for keyword in node.arguments.iter().flat_map(|arguments| &arguments.keywords) {
            let span = self.span(scope, keyword.value.range());
            let value = self.evaluate(&keyword.value, scope)?;
            let is_metaclass = keyword
                .arg
                .as_ref()
                .is_some_and(|name| name.as_str() == "metaclass");
            if is_metaclass {
                explicit = Some(value.clone());
            }
            let is_plain = matches!(&value.object, Object::External(name) if matches!(&**name, "abc.ABCMeta" | "builtins.type"));
            if is_metaclass && !is_plain {
                let thing = Thing::unknown(opaque(span, "its metaclass is not followed"));
                bases.push(Binding { thing, span });
            }
            match &keyword.arg {
                Some(name) if !is_metaclass => keywords.arguments.push(Argument {
                    name: Some(name.as_str()),
                    name_span: self.span(scope, name.range),
                    span,
                    thing: value,
                    is_unchecked: false,
                }),
                Some(_) => {}
                None => {
                    let why = opaque(span, "the arguments of the class are not known");
                    explicit = Some(Thing::unknown(why.clone()));
                    keywords.unknown = Some(why);
                }
            }
        }
        let metaclass = self.metaclass(&real_bases, explicit.as_ref());
        Ok((bases, metaclass, keywords))
    }

    fn make_class(
        &mut self,
        node: &'a ast::StmtClassDef,
        bases: Vec<Binding<'a>>,
        metaclass: Option<Metaclass<'a>>,
        scope: &Scope<'a>,
    ) -> Known<Rc<Class<'a>>> {
        let namespace = self.namespace();
        let declared = super::locals::of_block(&node.body);
        let kind = FrameKind::Class {
            globals: declared.globals,
            nonlocals: declared.nonlocals,
        };
        let inner = scope.inner(kind, Rc::clone(&namespace));
        if let Some(frame) = &scope.innermost {
            self.hold(&frame.names);
        }
        self.hold(&namespace);
        let span = self.span(scope, node.range);
        let has_conflict = metaclass.is_none();
        let metaclass = metaclass.unwrap_or(Metaclass::Unknown);
        let why = opaque(span, format!("the metaclass of `{}` is not followed", node.name));
        metaclass.lose(&why);
        if metaclass.prepares() {
            namespace.open(why);
        }
        self.class_depth += 1;
        let is_decorating = std::mem::take(&mut self.is_decorating);
        let result = self.deeper(span, |this| this.run(&node.body, &inner));
        self.is_decorating = is_decorating;
        self.class_depth -= 1;
        match result {
            Err(Stop::Unknown(why)) => namespace.open_wholly(&why),
            Err(raised) => return Err(raised),
            Ok(_) => {}
        }
        let class = Rc::new(Class {
            name: node.name.as_str(),
            source: scope.module.source,
            node,
            bases,
            metaclass,
            namespace,
            decorators: RefCell::new(Vec::new()),
        });
        if self.entry_source == Some(class.source) {
            self.keep_class(&class);
        }
        self.doubt_class(&class);
        self.tell_members(&class, span)?;
        let header = self.span(scope, node.name.range);
        self.check_bases(&class, has_conflict, header)?;
        Ok(class)
    }

    /// Bases of which Python makes no class.
    fn check_bases(&mut self, class: &Rc<Class<'a>>, has_conflict: bool, header: Span) -> Known<()> {
        if has_conflict {
            let message = "metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass of the \
                           metaclasses of all its bases";
            self.refuse(type_error(header, message))?;
        }
        if let Some(twice) = inheritance::base_named_twice(class) {
            let message = format!("duplicate base class {twice}");
            self.refuse(type_error(header, message))?;
        }
        if self.linearized(class).is_none() || self.has_late_descendant(class) {
            let names: Vec<&str> = class.bases.iter().map(|base| self.text(base.span)).collect();
            let message = format!(
                "Cannot create a consistent method resolution order (MRO) for bases {}",
                names.join(", ")
            );
            let why = type_error(header, message);
            if let (Stop::Raise(why), true) = (&why, self.is_guarded()) {
                self.note_raised(why);
            } else {
                return Err(why);
            }
        }
        Ok(())
    }

    /// `__set_name__` of what the class body binds.
    fn tell_members(&mut self, class: &Rc<Class<'a>>, span: Span) -> Known<()> {
        for (name, binding) in class.namespace.entries() {
            if let Object::Instance(member) = &binding.thing.object
                && self.has_method(&member.class, "__set_name__")
            {
                let reason = format!("`__set_name__` of `{name}` is not followed");
                let owner = Thing::new(Object::Class(Rc::clone(class)));
                let key = Thing::constant(Value::str(name));
                self.provoke(&binding.thing, &["__set_name__"], &[&owner, &key], span)?;
                let why = opaque(span, reason);
                let owners = self.resolution_order(class);
                let members = self.resolution_order(&member.class);
                for class in owners.iter().chain(&members) {
                    class.namespace.lose(&why);
                }
                member.attributes.open_wholly(&why);
            }
        }
        Ok(())
    }

    /// `__init_subclass__` of the bases.
    fn tell_bases(&mut self, class: &Rc<Class<'a>>, keywords: Given<'a>, scope: &Scope<'a>) -> Known<()> {
        let order = self.resolution_order(class);
        let mut bases = order.into_iter().skip(1);
        let found = bases.find_map(|base| base.namespace.get("__init_subclass__"));
        let span = self.span(scope, class.node.name.range);
        let is_flow = self.derives_from(class, &["metaflow.FlowSpec"]);
        if found.is_none() || is_flow {
            self.refuse_keywords(class, &keywords, found.is_some())?;
        }
        let Some(hook) = found else {
            return Ok(());
        };
        let mut given = Given::of(vec![(Thing::new(Object::Class(Rc::clone(class))), span)]);
        given.arguments.extend(keywords.arguments);
        given.unknown = keywords.unknown;
        match settle(self.call(&hook.thing, given, span)) {
            Ok(result) => {
                if let Some(why) = result.why() {
                    self.doubt();
                    class.namespace.lose(why);
                }
                Ok(())
            }
            Err(Stop::Raise(why)) if self.is_guarded() => {
                self.note_raised(&why);
                Ok(())
            }
            Err(stop) => Err(stop),
        }
    }

    /// `class F(FlowSpec, size=1)`: where no base takes them, Python refuses keyword arguments.
    fn refuse_keywords(&mut self, class: &Rc<Class<'a>>, keywords: &Given<'a>, has_hook: bool) -> Known<()> {
        let Some(argument) = keywords.arguments.first() else {
            return Ok(());
        };
        let is_plain =
            |name: &Rc<str>| matches!(&**name, "metaflow.FlowSpec" | "builtins.object" | "abc.ABC");
        let bases = self.external_bases(class);
        if !bases.iter().all(|base| base.as_ref().is_some_and(is_plain)) {
            return Ok(());
        }
        let message = match argument.name {
            Some(name) if has_hook => {
                format!("FlowSpecMeta.__init__() got an unexpected keyword argument '{name}'")
            }
            Some(_) | None => format!("{}.__init_subclass__() takes no keyword arguments", class.name),
        };
        match type_error(argument.name_span, message) {
            Stop::Raise(why) if self.is_guarded() => {
                self.note_raised(&why);
                Ok(())
            }
            why => Err(why),
        }
    }

    /// Calls a class of the project.
    pub fn instantiate(&mut self, class: &Rc<Class<'a>>, given: Given<'a>, span: Span) -> Evaluation<'a> {
        self.check_call_of_flow(class, &given, span)?;
        self.instantiated.push((Rc::clone(class), span));
        let attributes = self.namespace();
        self.hold(&attributes);
        let instance = Rc::new(Instance {
            class: Rc::clone(class),
            attributes: Rc::clone(&attributes),
            span,
            arguments: given.arguments.clone(),
            has_unknown_arguments: given.unknown.is_some(),
        });
        let thing = Thing::new(Object::Instance(Rc::clone(&instance)));
        let why = opaque(
            span,
            format!("it is an attribute of an object of `{}`", class.name),
        );
        if self.derives_from(class, &["metaflow.FlowSpec"]) && !self.is_in_doubt() {
            let cli = given.keywords().find(|(name, _)| *name == "use_cli");
            let is_off = cli
                .is_some_and(|(_, value)| matches!(value.thing.object, Object::Constant(Value::Bool(false))));
            self.has_run |= !is_off;
        }
        let is_flow = self.derives_from(class, &["metaflow.FlowSpec"]);
        if class.metaclass.calls() && !is_flow {
            return Err(self.called_by_metaclass(class, &given, span));
        }
        if self.is_enumeration(class) {
            return self.member_of_value(class, &given, span);
        }
        let lost_with = self.quiet_changes(class);
        for (method, owner) in lost_with {
            let reason = format!("`{}.{method}` changes it", owner.name);
            let why = opaque(span, reason);
            attributes.open_wholly(&why);
            if method == "__new__" {
                class.namespace.lose(&why);
                owner.namespace.lose(&why);
            }
        }
        let has_odd_init = self.has_method(class, "__new__") || given.unknown.is_some();
        if class.metaclass.may_interfere() {
            self.doubt();
        }
        if has_odd_init || self.may_have_more(class) {
            self.doubt_instance(class);
            attributes.open_wholly(&why);
            return Ok(thing);
        }
        if let Some(method) = self.abstract_method(class) {
            let message = format!(
                "Can't instantiate abstract class {} with abstract method {method}",
                class.name
            );
            return Err(type_error(span, message));
        }
        if !class.decorators.borrow().is_empty() {
            if !self.fill_dataclass(class, &instance, &given, span)? {
                self.doubt();
                attributes.open_wholly(&why);
            }
            return Ok(thing);
        }
        // `@dataclass` of a base has written an `__init__`.
        let order = self.resolution_order(class);
        if order.iter().any(|base| !base.decorators.borrow().is_empty()) {
            self.doubt();
            attributes.open_wholly(&why);
            return Ok(thing);
        }
        let Some((owner, binding)) = self.find_member(class, "__init__") else {
            if given.arguments.is_empty() {
                return Ok(thing);
            }
            return Err(type_error(span, format!("{}() takes no arguments", class.name)));
        };
        let mut arguments = Given::of(vec![(thing.clone(), span)]);
        arguments.arguments.extend(given.arguments);
        let result = settle(self.call(&binding.thing, arguments, span))?;
        let bases = order.iter().filter(|base| !Rc::ptr_eq(base, &owner));
        let has_other_init = bases
            .into_iter()
            .any(|base| base.namespace.get("__init__").is_some());
        if let Some(why) = result.why() {
            self.doubt();
            attributes.open_wholly(why);
        } else if has_other_init {
            attributes.open_wholly(&why);
        }
        Ok(thing)
    }

    /// Making an object of a class that is not wholly of the project may raise; of a flow it starts the flow.
    fn doubt_instance(&mut self, class: &Rc<Class<'a>>) {
        if self.derives_from(class, &["metaflow.FlowSpec"]) {
            return;
        }
        let bases = self.external_bases(class);
        let is_exception = |base: &Option<Rc<str>>| {
            let name = base.as_deref().and_then(|name| name.strip_prefix("builtins."));
            name.is_some_and(|name| library::exception(name).is_some())
        };
        let has_own = self.has_method(class, "__init__") || self.has_method(class, "__new__");
        if has_own || bases.is_empty() || !bases.iter().all(is_exception) {
            self.doubt();
        }
    }

    /// The class of a base from outside, or a metaclass of the project, may refuse a class.
    fn doubt_class(&mut self, class: &Rc<Class<'a>>) {
        let bases = self.external_bases(class);
        let is_plain = |base: &Option<Rc<str>>| {
            base.as_deref().is_some_and(|name| {
                let top = name.split('.').next().unwrap_or(name);
                matches!(top, "metaflow" | "builtins") || standard::is_standard(top)
            })
        };
        if class.metaclass.may_interfere() || !bases.iter().all(is_plain) {
            self.doubt();
        }
    }

    /// `__call__` of a metaclass decides what a call of the class gives, and may change what both hold.
    fn called_by_metaclass(&mut self, class: &Rc<Class<'a>>, given: &Given<'a>, span: Span) -> Stop {
        let reason = format!("calling `{}` is up to its metaclass", class.name);
        let why = opaque(span, reason);
        for argument in &given.arguments {
            self.spoil_by_call(&argument.thing, class.name, span);
        }
        for class in self.resolution_order(class) {
            class.namespace.lose(&why);
        }
        class.metaclass.lose(&why);
        Stop::Unknown(why)
    }

    /// A method of a `class A(ABC)` that no class below defines.
    fn abstract_method(&mut self, class: &Rc<Class<'a>>) -> Option<&'a str> {
        if !self.derives_from(class, &["abc.ABC"]) {
            return None;
        }
        for owner in self.resolution_order(class) {
            for (name, _) in owner.namespace.entries() {
                let found = self.find_member(class, name);
                if found.is_some_and(|(_, binding)| is_abstract(&binding.thing)) {
                    return Some(name);
                }
            }
        }
        None
    }

    /// Arguments that the `__init__` of a flow does not take, or lacks.
    fn check_call_of_flow(&mut self, class: &Rc<Class<'a>>, given: &Given<'a>, span: Span) -> Known<()> {
        let bases = self.external_bases(class);
        let is_flow = |base: &Option<Rc<str>>| base.as_deref() == Some("metaflow.FlowSpec");
        if bases.is_empty() || !bases.iter().all(is_flow) || given.unknown.is_some() {
            return Ok(());
        }
        let Some((owner, binding)) = self.find_member(class, "__init__") else {
            return match given.keywords().find(|(name, _)| *name != "use_cli") {
                Some((name, argument)) => {
                    let message = format!("FlowSpec.__init__() got an unexpected keyword argument '{name}'");
                    Err(type_error(argument.span, message))
                }
                None => Ok(()),
            };
        };
        let Object::Function(function) = &binding.thing.object else {
            return Ok(());
        };
        let Code::Def(node) = function.code else {
            return Ok(());
        };
        let count = given.positional().count();
        let positional = node.parameters.posonlyargs.iter().chain(&node.parameters.args);
        let missing = positional.skip(1 + count).find(|parameter| {
            let name = parameter.parameter.name.as_str();
            parameter.default.is_none() && !given.keywords().any(|(given, _)| given == name)
        });
        match missing.filter(|_| function.decorators.borrow().is_empty()) {
            Some(parameter) => {
                let (owner, name) = (owner.name, parameter.parameter.name.as_str());
                let message = format!("{owner}.__init__() missing 1 required positional argument: '{name}'");
                Err(type_error(span, message))
            }
            None => Ok(()),
        }
    }

    /// Methods that Python calls without a call being written (`__iter__`, `__bool__`), which set something: after any
    /// use of an object nothing is known of it.
    fn quiet_changes(&mut self, class: &Rc<Class<'a>>) -> Vec<(&'a str, Rc<Class<'a>>)> {
        const FOLLOWED: [&str; 6] = [
            "__call__",
            "__delitem__",
            "__init__",
            "__init_subclass__",
            "__post_init__",
            "__setitem__",
        ];
        let mut found = Vec::new();
        for owner in self.resolution_order(class) {
            for statement in &owner.node.body {
                let Stmt::FunctionDef(method) = statement else {
                    continue;
                };
                let name = method.name.as_str();
                if name.starts_with("__") && !FOLLOWED.contains(&name) && mutation::sets_something(method) {
                    found.push((name, Rc::clone(&owner)));
                }
            }
        }
        found
    }

    /// The builtin exceptions that an exception class or object stands for, itself and those above it.
    pub fn exception_names(&mut self, thing: &Thing<'a>) -> Option<Vec<&'static str>> {
        let of_external = |name: &str| {
            let name = name.strip_prefix("builtins.")?;
            let (name, above) = library::exception(name)?;
            let mut names = vec![name];
            names.extend_from_slice(above);
            Some(names)
        };
        match &thing.object {
            Object::External(name) => of_external(name),
            Object::Applied(applied) if applied.path.is_empty() => of_external(&applied.callee),
            Object::Class(class) => {
                let bases = self.external_bases(class);
                bases.iter().flatten().find_map(|name| of_external(name))
            }
            Object::Instance(instance) => {
                let bases = self.external_bases(&instance.class);
                bases.iter().flatten().find_map(|name| of_external(name))
            }
            _ => None,
        }
    }
}

fn is_abstract(thing: &Thing<'_>) -> bool {
    let Object::Function(function) = &thing.object else {
        return false;
    };
    let decorators = function.decorators.borrow();
    decorators.iter().any(|decoration| matches!(&decoration.decorator.object, Object::External(name) if &**name == "abc.abstractmethod"))
}
