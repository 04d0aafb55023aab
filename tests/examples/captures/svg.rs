//! A screen as a picture: text that stays text, in columns that hold whatever font it is shown in.

use std::fmt::Write;

use vt100::{Cell, Color, Screen};

/// A column and a row, in pixels.
const COLUMN: f64 = 8.4;
const ROW: f64 = 16.3;
/// From the top of a row to where letters stand.
const BASE: f64 = 12.4;
/// Around all of it.
const MARGIN: f64 = 14.0;

const FONTS: &str = "'DejaVu Sans Mono', Menlo, Consolas, 'Noto Sans Mono CJK SC', monospace";

/// The colours that the owner of a terminal chose.
pub struct Palette {
    ground: &'static str,
    text: &'static str,
    sixteen: [&'static str; 16],
}

/// Light on dark.
pub const DARK: Palette = Palette {
    ground: "#16181d",
    text: "#d8dbe2",
    sixteen: [
        "#2b2f38", "#f07178", "#8fd08a", "#e6c07b", "#7aa8f7", "#c792ea", "#6fcbd8", "#c5c9d3", "#5c6370", "#ff8b92",
        "#a9e5a3", "#ffd58f", "#9cc2ff", "#dbb2ff", "#8fe3ee", "#ffffff",
    ],
};

/// Dark on light.
pub const LIGHT: Palette = Palette {
    ground: "#fbfbf9",
    text: "#24272e",
    sixteen: [
        "#24272e", "#b3261e", "#2a7a2f", "#8a5a00", "#2458b8", "#8135a8", "#0c7384", "#6b7180", "#4b505c", "#d13b32",
        "#3a9440", "#a87000", "#3a70d6", "#9b4dc4", "#148ea3", "#24272e",
    ],
};

/// How a cell looks.
#[derive(Clone, Copy, PartialEq)]
struct Look {
    text: &'static str,
    ground: &'static str,
    bold: bool,
    dim: bool,
    italic: bool,
    underline: bool,
}

/// Neighbours that look alike.
struct Run {
    look: Look,
    column: u16,
    columns: u16,
    text: String,
}

/// Draws a screen, with a title for those who do not see it.
pub fn draw(screen: &Screen, palette: &Palette, title: &str) -> String {
    let (rows, columns) = screen.size();
    let width = f64::from(columns.get()) * COLUMN + 2.0 * MARGIN;
    let height = f64::from(rows.get()) * ROW + 2.0 * MARGIN;
    let (mut grounds, mut texts) = (String::new(), String::new());
    for row in 0..rows.get() {
        for run in runs(screen, palette, row) {
            let place = (f64::from(run.column) * COLUMN + MARGIN, f64::from(row) * ROW + MARGIN);
            grounds.push_str(&ground(&run, palette, place));
            texts.push_str(&text(&run, place));
        }
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"{width:.0}\" height=\"{height:.0}\" \
         viewBox=\"0 0 {width:.0} {height:.0}\">\n<title>{}</title>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{}\"/>\n\
         <g shape-rendering=\"crispEdges\">\n{grounds}</g>\n\
         <g font-family=\"{FONTS}\" font-size=\"14\">\n{texts}</g>\n</svg>\n",
        escaped(title),
        palette.ground,
    )
}

/// The runs of a row. What is not ASCII may come from another font with other columns: it runs with its like only.
fn runs(screen: &Screen, palette: &Palette, row: u16) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let cells = (0..screen.size().1.get()).filter_map(|column| Some((column, screen.cell(row, column)?)));
    for (column, cell) in cells.filter(|(_, cell)| !cell.is_wide_continuation()) {
        let look = Look::of(cell, palette);
        let contents = if cell.has_contents() { cell.contents() } else { " " };
        let columns = if cell.is_wide() { 2 } else { 1 };
        match runs.last_mut() {
            Some(run) if run.look == look && columns == 1 && goes_on(&run.text, contents) => {
                run.text.push_str(contents);
                run.columns += 1;
            }
            _ => runs.push(Run { look, column, columns, text: contents.to_owned() }),
        }
    }
    runs
}

fn goes_on(text: &str, contents: &str) -> bool {
    (text.is_ascii() && contents.is_ascii()) || text.chars().all(|character| contents == character.to_string())
}

impl Look {
    fn of(cell: &Cell, palette: &Palette) -> Self {
        let colour = |colour, default| match colour {
            Color::Idx(index) => palette.sixteen.get(usize::from(index)).copied().unwrap_or(default),
            // The dashboard uses no others.
            Color::Default | Color::Rgb(..) => default,
        };
        let (text, ground) = (colour(cell.fgcolor(), palette.text), colour(cell.bgcolor(), palette.ground));
        let (text, ground) = if cell.inverse() { (ground, text) } else { (text, ground) };
        let (bold, dim, italic, underline) = (cell.bold(), cell.dim(), cell.italic(), cell.underline());
        Self { text, ground, bold, dim, italic, underline }
    }
}

fn ground(run: &Run, palette: &Palette, (x, y): (f64, f64)) -> String {
    if run.look.ground == palette.ground {
        return String::new();
    }
    let width = f64::from(run.columns) * COLUMN;
    format!("<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{ROW}\" fill=\"{}\"/>\n", run.look.ground)
}

/// A run as long as its columns. Blanks around it show nothing.
fn text(run: &Run, (x, y): (f64, f64)) -> String {
    let text = run.text.trim_start_matches(' ');
    let blank = run.text.len() - text.len();
    let text = text.trim_end_matches(' ');
    if text.is_empty() {
        return String::new();
    }
    // Only blanks are not counted, and each of them is a column.
    let length = f64::from(run.columns) - (run.text.len() - text.len()) as f64;
    let mut line = format!(
        "<text x=\"{:.1}\" y=\"{:.1}\" textLength=\"{:.1}\" lengthAdjust=\"spacingAndGlyphs\" fill=\"{}\"",
        x + blank as f64 * COLUMN,
        y + BASE,
        length * COLUMN,
        run.look.text,
    );
    for (is_so, attribute) in [
        (run.look.bold, "font-weight=\"bold\""),
        (run.look.dim, "fill-opacity=\"0.62\""),
        (run.look.italic, "font-style=\"italic\""),
        (run.look.underline, "text-decoration=\"underline\""),
    ] {
        if is_so {
            let _ = write!(line, " {attribute}");
        }
    }
    // Blanks of the usual kind would fall together.
    let _ = writeln!(line, ">{}</text>", escaped(text).replace(' ', "\u{a0}"));
    line
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
