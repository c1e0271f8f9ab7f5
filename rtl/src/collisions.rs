//! Collisions: what a native simulation counts where a memory's promise is broken.

/// `collisions!(Block<PARAMETERS> { parts })`: those of a block are those of its memories and of the blocks that have some.
#[macro_export]
macro_rules! collisions {
    ($block:ident $(< $($parameter:ident),* >)? { $($part:ident),* $(,)? }) => {
        impl$(<$(const $parameter: usize),*>)? $block$(<$($parameter),*>)? {
            /// Cycles in which a memory's address was read and written at once: a design's test demands 0.
            pub fn collisions(&self) -> u64 {
                0 $(+ self.$part.collisions())*
            }
        }
    };
}
