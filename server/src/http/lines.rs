//! Bodies of many lines, each a JSON object (NDJSON): read as they come, so that their number costs no memory.

use std::{marker::PhantomData, time::Duration};

use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use salvo::{
    Depot, Extractible, Request,
    extract::Metadata,
    http::ReqBody,
    oapi::{self, Components, EndpointArgRegister, Operation, ToSchema},
};

use crate::error::{Problem, Refusal};

/// The media type; there is no registered one.
pub const NDJSON: &str = "application/x-ndjson";
/// The longest line, in bytes: as long as a body, for each holds one thing.
const MAX_LINE: usize = 64 * 1024;
/// How long the next part of a body may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// The lines of a body; each is described as a `T`.
pub struct Lines<T> {
    body: ReqBody,
    waiting: BytesMut,
    number: u64,
    line: PhantomData<T>,
}

/// A line.
pub struct Line {
    /// Which, from 1.
    pub number: u64,
    /// What is on it; `None` when that is longer than a line may be.
    pub text: Option<Bytes>,
}

impl Line {
    /// Whether it holds nothing.
    pub fn is_blank(&self) -> bool {
        self.text.as_ref().is_some_and(|text| text.trim_ascii().is_empty())
    }
}

impl<T> Lines<T> {
    /// The next line.
    pub async fn next(&mut self) -> Result<Option<Line>, Refusal> {
        let Some(text) = self.next_text().await? else { return Ok(None) };
        self.number += 1;
        Ok(Some(Line { number: self.number, text }))
    }

    /// What stands before the next line feed, or the end; `None` within for a line that is too long, which is passed over.
    async fn next_text(&mut self) -> Result<Option<Option<Bytes>>, Refusal> {
        let mut too_long = false;
        let mut searched = 0;
        loop {
            if let Some(end) = self.waiting[searched..].iter().position(|byte| *byte == b'\n') {
                let text = self.waiting.split_to(searched + end + 1).freeze();
                too_long |= text.len() > MAX_LINE + 1;
                return Ok(Some((!too_long).then(|| text.slice(..text.len() - 1))));
            }
            if self.waiting.len() > MAX_LINE {
                too_long = true;
                self.waiting.clear();
            }
            searched = self.waiting.len();
            if !self.fill().await? {
                let rest = self.waiting.split().freeze();
                let ended = rest.is_empty() && !too_long;
                return Ok((!ended).then(|| (!too_long).then_some(rest)));
            }
        }
    }

    /// Reads on; false at the end.
    async fn fill(&mut self) -> Result<bool, Refusal> {
        let broken = || Refusal::Malformed("the body could not be read to its end".to_owned());
        let next = tokio::time::timeout(PATIENCE, self.body.next()).await.map_err(|_| broken())?;
        let Some(frame) = next else { return Ok(false) };
        if let Ok(data) = frame.map_err(|_| broken())?.into_data() {
            self.waiting.extend_from_slice(&data);
        }
        Ok(true)
    }
}

impl<'ex, T: Send> Extractible<'ex> for Lines<T> {
    fn metadata() -> &'static Metadata {
        static METADATA: Metadata = Metadata::new("");
        &METADATA
    }

    #[allow(refining_impl_trait)]
    async fn extract(req: &'ex mut Request, _: &'ex mut Depot) -> Result<Self, Problem> {
        if req.content_type().is_none_or(|mime| mime.essence_str() != NDJSON) {
            return Err(Refusal::UnsupportedMediaType(NDJSON).into());
        }
        Ok(Self { body: req.take_body(), waiting: BytesMut::new(), number: 0, line: PhantomData })
    }
}

impl<T: ToSchema> EndpointArgRegister for Lines<T> {
    fn register(components: &mut Components, operation: &mut Operation, _: &str) {
        let content = oapi::Content::new(T::to_schema(components));
        let body = oapi::RequestBody::new().add_content(NDJSON, content).required(oapi::Required::True);
        operation.request_body = Some(body);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(body: &str) -> Vec<(u64, Option<String>)> {
        let body = ReqBody::Once(Bytes::copy_from_slice(body.as_bytes()));
        let mut lines = Lines::<()> { body, waiting: BytesMut::new(), number: 0, line: PhantomData };
        let mut found = Vec::new();
        while let Some(line) = lines.next().await.unwrap() {
            if line.is_blank() {
                continue;
            }
            found.push((line.number, line.text.map(|text| String::from_utf8(text.to_vec()).unwrap())));
        }
        found
    }

    #[tokio::test]
    async fn lines_are_counted_blank_ones_as_well() {
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(read("").await, []);
        assert_eq!(read("a\n\n  \r\nb").await, [(1, text("a")), (4, text("b"))]);
        assert_eq!(read("a\nb\n").await, [(1, text("a")), (2, text("b"))]);
    }

    #[tokio::test]
    async fn a_line_that_is_too_long_is_one_line() {
        let long = "x".repeat(MAX_LINE + 1);
        let fits = "y".repeat(MAX_LINE);
        let found = read(&format!("{long}\n{fits}\n{long}")).await;
        assert_eq!(found, [(1, None), (2, Some(fits)), (3, None)]);
    }
}
