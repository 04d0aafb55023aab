//! Answers, printed: for people as tables, for programs as JSON, lines of JSON, or CSV.

use std::io::{self, Write};

use clap::ValueEnum;
use serde_json::Value;

use crate::text::{fit, plain, width};

/// How answers are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Columns for people
    #[default]
    Table,
    /// The answer, indented
    Json,
    /// An item a line
    Ndjson,
    /// Columns for spreadsheets
    Csv,
}

/// The widest column of a table.
const WIDEST: usize = 60;
/// The most things in a thing that are shown one by one.
const MOST_ROWS: usize = 20;
/// Between columns.
const GAP: &str = "  ";

/// Prints items of a list; `columns` are members of each.
pub fn list(out: &mut impl Write, format: Format, columns: &[&str], items: &[Value]) -> io::Result<()> {
    match format {
        Format::Table => table(out, columns, items),
        Format::Json => json(out, &Value::from(items)),
        Format::Ndjson => items.iter().try_for_each(|item| writeln!(out, "{item}")),
        Format::Csv => csv(out, columns, items),
    }
}

/// Prints one thing.
pub fn one(out: &mut impl Write, format: Format, value: &Value) -> io::Result<()> {
    match (format, value) {
        (Format::Table, value) => {
            let mut rows = Vec::new();
            add_rows(&mut rows, String::new(), value);
            let widest = rows.iter().map(|(name, _)| width(name)).max().unwrap_or(0);
            let line = |(name, value): &(String, String)| format!("{}{GAP}{value}", fit(name, widest));
            rows.iter().try_for_each(|row| writeln!(out, "{}", line(row).trim()))
        }
        (Format::Json, value) => json(out, value),
        (Format::Ndjson, value) => writeln!(out, "{value}"),
        (Format::Csv, Value::Object(members)) => {
            let columns: Vec<_> = members.keys().map(String::as_str).collect();
            csv(out, &columns, std::slice::from_ref(value))
        }
        (Format::Csv, value) => writeln!(out, "{}", cell(value)),
    }
}

/// Adds the rows of a value: `name.member` for what is nested, `name.1.member` for the first of several things.
fn add_rows(rows: &mut Vec<(String, String)>, name: String, value: &Value) {
    let below = |part: &str| if name.is_empty() { part.to_owned() } else { format!("{name}.{part}") };
    match value {
        Value::Object(members) if members.is_empty() => rows.push(row(name, "")),
        Value::Object(members) => members.iter().for_each(|(member, value)| add_rows(rows, below(member), value)),
        Value::Array(items) if items.len() > MOST_ROWS && items.iter().any(Value::is_object) => {
            rows.push(row(name, &format!("{} of them; -o json shows them", items.len())));
        }
        Value::Array(items) if items.iter().any(|item| item.is_object() || item.is_array()) => {
            items.iter().zip(1..).for_each(|(item, number)| add_rows(rows, below(&number.to_string()), item));
        }
        Value::Array(items) => rows.push(row(name, &items.iter().map(cell).collect::<Vec<_>>().join(", "))),
        other => rows.push(row(name, &cell(other))),
    }
}

fn row(name: String, value: &str) -> (String, String) {
    (plain(&name).into_owned(), plain(value).into_owned())
}

fn json(out: &mut impl Write, value: &Value) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, value)?;
    writeln!(out)
}

fn table(out: &mut impl Write, columns: &[&str], items: &[Value]) -> io::Result<()> {
    let row = |item: &Value| columns.iter().map(|name| plain(&short(&item[*name])).into_owned()).collect::<Vec<_>>();
    let rows: Vec<Vec<String>> = items.iter().map(row).collect();
    let widths: Vec<_> = (0..columns.len())
        .map(|column| {
            let cells = rows.iter().map(|row| width(&row[column]));
            cells.chain([width(columns[column])]).max().unwrap_or(0).min(WIDEST)
        })
        .collect();
    let mut line = |cells: &[String]| {
        let fitted: Vec<_> = cells.iter().zip(&widths).map(|(cell, width)| fit(cell, *width)).collect();
        writeln!(out, "{}", fitted.join(GAP).trim_end())
    };
    line(&columns.iter().map(|name| name.to_uppercase()).collect::<Vec<_>>())?;
    rows.iter().try_for_each(|row| line(row))
}

/// A value in a table's cell: what is nested as its members, one after the other.
fn short(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            members.iter().map(|(name, value)| format!("{name}={}", short(value))).collect::<Vec<_>>().join(" ")
        }
        Value::Array(items) if items.iter().any(Value::is_object) => {
            items.iter().map(short).collect::<Vec<_>>().join("; ")
        }
        other => cell(other),
    }
}

fn csv(out: &mut impl Write, columns: &[&str], items: &[Value]) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(columns)?;
    for item in items {
        writer.write_record(columns.iter().map(|name| harmless(cell(&item[*name]))))?;
    }
    writer.flush()
}

/// A spreadsheet takes what begins so for a formula.
fn harmless(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell }
}

/// A value as one cell.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) if items.iter().all(|item| !item.is_object() && !item.is_array()) => {
            items.iter().map(cell).collect::<Vec<_>>().join(",")
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn printed(format: Format, items: &[Value]) -> String {
        let mut out = Vec::new();
        list(&mut out, format, &["id", "name", "roles"], items).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn tables_are_aligned_whatever_the_names_hold() {
        let items = [
            json!({"id": 1, "name": "你好", "roles": ["a", "b"]}),
            json!({"id": 20, "name": "x\u{1b}[31m\u{202e}y", "roles": []}),
        ];
        assert_eq!(printed(Format::Table, &items), "ID  NAME    ROLES\n1   你好    a,b\n20  x[31my\n");
        let nested = [json!({"id": 1, "name": [{"after": 2, "key": "a"}, {"after": true, "key": "b"}]})];
        assert!(printed(Format::Table, &nested).ends_with("1   after=2 key=a; after=true key=b\n"));
    }

    #[test]
    fn a_thing_is_shown_with_a_row_for_each_of_its_parts_however_deep_they_lie() {
        let shown = |value: Value| {
            let mut out = Vec::new();
            one(&mut out, Format::Table, &value).unwrap();
            String::from_utf8(out).unwrap()
        };
        let client = json!({
            "empty": {},
            "families": [{"id": "f", "uses": [1, 2]}, {"id": "g"}],
            "lifetimes": {"access_token_lifetime": 300, "more": {"deep": true}},
            "name": "x\u{1b}[31my",
            "none": null,
            "pairs": [[1, 2], []],
            "roles": ["a", "b"],
        });
        let table = [
            "empty",
            "families.1.id                    f",
            "families.1.uses                  1, 2",
            "families.2.id                    g",
            "lifetimes.access_token_lifetime  300",
            "lifetimes.more.deep              true",
            "name                             x[31my",
            "none",
            "pairs.1                          1, 2",
            "pairs.2",
            "roles                            a, b",
        ];
        assert_eq!(shown(client).lines().collect::<Vec<_>>(), table);
        assert_eq!(shown(json!([{"a": 1}, {"a": 2}])), "1.a  1\n2.a  2\n");
        assert_eq!(shown(json!("done")), "done\n");
        assert_eq!(shown(Value::Null), "\n");
    }

    #[test]
    fn programs_get_json_lines_or_csv_that_no_spreadsheet_runs() {
        let items =
            [json!({"id": 1, "name": "=1+1", "roles": []}), json!({"id": 2, "name": "a,\"b\"", "roles": ["c"]})];
        assert_eq!(printed(Format::Ndjson, &items[..1]), "{\"id\":1,\"name\":\"=1+1\",\"roles\":[]}\n");
        assert_eq!(printed(Format::Csv, &items), "id,name,roles\n1,'=1+1,\n2,\"a,\"\"b\"\"\",c\n");
        assert_eq!(serde_json::from_str::<Value>(&printed(Format::Json, &items)).unwrap(), json!(items));
    }
}
