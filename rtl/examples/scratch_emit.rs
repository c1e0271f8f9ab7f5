//! Scratch: emits the link.

use rtl::link::Link;
fn main() {
    let board = arch::Board::named("icebreaker").unwrap();
    let id = board.identity(0, 1);
    let mut l = Link::<10, 11, 7, 8, 10, 6, 11>::new(&id);
    let d = rtl::verilog::emit(&mut l, "link", "scratch").unwrap();
    std::fs::create_dir_all("target/area").unwrap();
    std::fs::write("target/area/link.v", d.text).unwrap();
}
