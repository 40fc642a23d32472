//! What the names in a module stand for.

use std::collections::{BTreeMap, BTreeSet};

use tree_sitter::Node;

use super::syntax::{kind, line, literal, part, parts, text};
use super::{Class, Line, MODEL_CLASS};

/// The module that the back-end provides.
const UTILITIES: &str = "triton_python_backend_utils";

/// What names stand for, as far as that can be told without running anything.
pub(super) struct Bindings<'t> {
    source: &'t str,
    /// The strings that names are bound to; none for those bound otherwise, or more than once.
    constants: BTreeMap<&'t str, Option<&'t str>>,
    /// The names of the back-end's module.
    utilities: BTreeSet<&'t str>,
    /// The names of what is imported from the back-end's module, with what it is called there.
    imported: BTreeMap<&'t str, &'t str>,
    /// Whether everything is imported from the back-end's module.
    imports_all_utilities: bool,
    /// The expressions that hold the parameters of the config.
    parameters: BTreeSet<&'t str>,
    /// The attributes that are assigned, of whatever object.
    assigned_attributes: BTreeSet<&'t str>,
    /// The last import of whatever another module has.
    wildcard_import: Option<Line>,
    /// Whether names may be bound that are not written as such.
    is_dynamic: bool,
    /// How often the name of the model's class is written.
    mentions: usize,
    /// How often of these something is asked of it, or it is called, so that it is not bound or handed on.
    harmless_mentions: usize,
}

/// `of[key]`, or `of.get(key)`.
pub(super) struct Item<'t> {
    pub(super) of: Node<'t>,
    pub(super) key: Node<'t>,
    pub(super) is_indexed: bool,
}

impl<'t> Bindings<'t> {
    /// What the names of a module stand for, whose nodes these are, in the order of the text.
    pub(super) fn of(nodes: &[Node<'t>], source: &'t str) -> Self {
        let mut bindings = Self {
            source,
            constants: BTreeMap::new(),
            utilities: BTreeSet::new(),
            imported: BTreeMap::new(),
            imports_all_utilities: false,
            parameters: BTreeSet::new(),
            assigned_attributes: BTreeSet::new(),
            wildcard_import: None,
            is_dynamic: false,
            mentions: 0,
            harmless_mentions: 0,
        };
        for node in nodes {
            bindings.note(*node);
        }
        bindings
    }

    pub(super) fn text(&self, node: Node) -> &'t str {
        text(node, self.source)
    }

    /// The string that an expression is, if it is a constant.
    pub(super) fn string(&self, node: Node) -> Option<String> {
        let value = match kind(node) {
            "identifier" => self.constants.get(self.text(node)).copied().flatten(),
            _ => literal(node, self.source),
        };
        value.map(str::to_owned)
    }

    /// The strings of a list of constants.
    pub(super) fn strings(&self, list: Node) -> Option<Vec<String>> {
        let items = matches!(kind(list), "list" | "tuple").then(|| parts(list))?;
        items.into_iter().map(|item| self.string(item)).collect()
    }

    /// The names of the tensors that are made in a list.
    pub(super) fn tensor_names(&self, list: Node<'t>) -> Option<Vec<String>> {
        let items = matches!(kind(list), "list" | "tuple").then(|| parts(list))?;
        let name = |item: Node<'t>| {
            let function = part(item, "function").filter(|_| kind(item) == "call")?;
            let is_tensor = self.utility(function) == Some("Tensor");
            let name = self.argument(part(item, "arguments")?, 0, "name").filter(|_| is_tensor)?;
            self.string(name)
        };
        items.into_iter().map(name).collect()
    }

    /// What of the back-end's module an expression is.
    pub(super) fn utility(&self, node: Node) -> Option<&'t str> {
        match kind(node) {
            "attribute" => {
                let (object, name) = (part(node, "object")?, part(node, "attribute")?);
                self.utilities.contains(self.text(object)).then(|| self.text(name))
            }
            "identifier" => {
                let name = self.text(node);
                self.imported.get(name).copied().or(self.imports_all_utilities.then_some(name))
            }
            _ => None,
        }
    }

    /// The name of the method, if the function of a call is one; else empty.
    pub(super) fn method(&self, function: Node) -> &'t str {
        part(function, "attribute").map(|name| self.text(name)).unwrap_or_default()
    }

    /// Whether the function of a call is a method of the class of tensors itself.
    pub(super) fn is_tensor_class(&self, function: Node) -> bool {
        part(function, "object").and_then(|of| self.utility(of)) == Some("Tensor")
    }

    /// An argument, by position or by name.
    pub(super) fn argument(&self, arguments: Node<'t>, position: usize, keyword: &str) -> Option<Node<'t>> {
        let arguments = parts(arguments);
        let is_named = |argument: &&Node| {
            kind(**argument) == "keyword_argument"
                && part(**argument, "name").is_some_and(|of| self.text(of) == keyword)
        };
        if let Some(named) = arguments.iter().find(is_named) {
            return part(*named, "value");
        }
        let by_position =
            |argument: &Node| !matches!(kind(*argument), "keyword_argument" | "list_splat" | "dictionary_splat");
        arguments.into_iter().take_while(by_position).nth(position)
    }

    /// An expression as an item of something.
    pub(super) fn item(&self, node: Node<'t>) -> Option<Item<'t>> {
        match kind(node) {
            "subscript" => Some(Item { of: part(node, "value")?, key: part(node, "subscript")?, is_indexed: true }),
            "call" => {
                let function = part(node, "function").filter(|function| self.method(*function) == "get")?;
                let key = self.argument(part(node, "arguments")?, 0, "key")?;
                Some(Item { of: part(function, "object")?, key, is_indexed: false })
            }
            _ => None,
        }
    }

    /// Whether an expression is what a config has under `parameters`.
    pub(super) fn is_parameters(&self, node: Node<'t>) -> bool {
        match self.item(node) {
            Some(item) => self.string(item.key).as_deref() == Some("parameters"),
            None => matches!(kind(node), "identifier" | "attribute") && self.parameters.contains(self.text(node)),
        }
    }

    /// The attributes that are assigned somewhere, of whatever object.
    pub(super) fn assigned_attributes(&self) -> impl Iterator<Item = &'t str> {
        self.assigned_attributes.iter().copied()
    }

    /// Whether nothing outside of the definition of the model's class can change what the class is.
    pub(super) fn leaves_alone(&self, class: &Class) -> bool {
        let is_handed_on = self.mentions != self.harmless_mentions + 1;
        let is_rebound = self.assigned_attributes.contains("__class__");
        let may_be_replaced = self.wildcard_import.is_some_and(|at| at > class.line);
        !(self.is_dynamic || is_handed_on || is_rebound || may_be_replaced)
    }

    /// Whether nothing can bind the name of the model's class.
    pub(super) fn lacks_model_class(&self) -> bool {
        !self.is_dynamic && self.mentions == 0 && self.wildcard_import.is_none()
    }

    // ---- Collecting --------------------------------------------------------------------------------

    fn note(&mut self, node: Node<'t>) {
        match kind(node) {
            "identifier" if self.text(node) == MODEL_CLASS => self.mentions += 1,
            "import_statement" => {
                for name in parts(node) {
                    self.note_import(name);
                }
            }
            "import_from_statement" => self.note_import_from(node),
            "assignment" => self.note_assignment(node),
            "attribute" => self.note_attribute(node),
            "call" => self.note_call(node),
            "function_definition" => {
                self.is_dynamic |= part(node, "name").is_some_and(|name| self.text(name) == "__getattr__");
            }
            // Whatever else binds names.
            "parameters"
            | "lambda_parameters"
            | "pattern_list"
            | "tuple_pattern"
            | "list_pattern"
            | "as_pattern_target"
            | "global_statement"
            | "nonlocal_statement"
            | "delete_statement"
            | "default_parameter"
            | "typed_default_parameter"
            | "typed_parameter"
            | "list_splat_pattern"
            | "dictionary_splat_pattern"
            | "expression_list" => {
                for name in parts(node) {
                    self.shadow(name);
                }
            }
            "for_statement" | "for_in_clause" | "augmented_assignment" => {
                if let Some(left) = part(node, "left") {
                    self.shadow(left);
                }
            }
            "named_expression" => {
                if let Some(name) = part(node, "name") {
                    self.shadow(name);
                }
            }
            _ => {}
        }
    }

    /// Notes that a name is bound to something unknown.
    fn shadow(&mut self, node: Node<'t>) {
        if kind(node) == "identifier" {
            self.constants.insert(self.text(node), None);
        }
    }

    fn note_import(&mut self, name: Node<'t>) {
        let module = self.text(part(name, "name").unwrap_or(name));
        if module == UTILITIES {
            self.utilities.insert(part(name, "alias").map_or(module, |alias| self.text(alias)));
        }
    }

    fn note_import_from(&mut self, node: Node<'t>) {
        let Some(module) = part(node, "module_name") else { return };
        let is_utilities = self.text(module) == UTILITIES;
        for name in parts(node).into_iter().filter(|name| name.id() != module.id()) {
            match kind(name) {
                "wildcard_import" if is_utilities => self.imports_all_utilities = true,
                "wildcard_import" => self.wildcard_import = Some(line(node)),
                _ if is_utilities => {
                    let original = self.text(part(name, "name").unwrap_or(name));
                    self.imported.insert(part(name, "alias").map_or(original, |alias| self.text(alias)), original);
                }
                _ => {}
            }
        }
    }

    fn note_assignment(&mut self, node: Node<'t>) {
        let Some(left) = part(node, "left") else { return };
        let right = part(node, "right");
        if kind(left) == "identifier" {
            let is_new = !self.constants.contains_key(self.text(left));
            let value = right.filter(|_| is_new).and_then(|right| literal(right, self.source));
            self.constants.insert(self.text(left), value);
        }
        if kind(left) == "attribute" {
            self.assigned_attributes.insert(self.method(left));
        }
        if matches!(kind(left), "identifier" | "attribute") && right.is_some_and(|right| self.is_parameters(right)) {
            self.parameters.insert(self.text(left));
        }
    }

    fn note_attribute(&mut self, node: Node) {
        let (Some(object), Some(name)) = (part(node, "object"), part(node, "attribute")) else { return };
        match (self.text(object), self.text(name)) {
            ("sys", "modules") | (_, "__dict__" | "__setattr__") => self.is_dynamic = true,
            (MODEL_CLASS, _) => self.harmless_mentions += 1,
            _ => {}
        }
    }

    fn note_call(&mut self, node: Node) {
        let Some(function) = part(node, "function").filter(|function| kind(*function) == "identifier") else { return };
        match self.text(function) {
            "exec" | "eval" | "globals" | "locals" | "vars" | "setattr" => self.is_dynamic = true,
            MODEL_CLASS => self.harmless_mentions += 1,
            _ => {}
        }
    }
}
