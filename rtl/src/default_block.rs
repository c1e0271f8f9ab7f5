//! Starting values of a block's fields.

/// `Default` for a block some of whose fields have starting values of their own: first those, then the names of all others.
///
/// rust-hdl's constants and arrays have no default, which would otherwise cost a line a field.
#[macro_export]
macro_rules! default_block {
    ($block:ident < $($parameter:ident),* > { $($field:ident : $value:expr),* $(,)? } { $($rest:ident),* $(,)? }) => {
        impl<$(const $parameter: usize),*> Default for $block<$($parameter),*> {
            fn default() -> Self {
                Self { $($field: $value,)* $($rest: Default::default(),)* }
            }
        }
    };
}
