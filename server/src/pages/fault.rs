//! What goes wrong on the way to a page, as a page.

use salvo::{
    Depot, Request, Response, Writer, async_trait,
    oapi::{Components, EndpointOutRegister, Operation},
};

use super::{
    language_of,
    look::Frame,
    show,
    view::{ErrorKind, ErrorPage},
};
use crate::{app, error::Refusal, http::front::request_id};

/// A refusal, for a person.
#[derive(Debug)]
pub struct Fault(Refusal);

impl<E: Into<Refusal>> From<E> for Fault {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

#[async_trait]
impl Writer for Fault {
    async fn write(self, req: &mut Request, depot: &mut Depot, res: &mut Response) {
        let Some(app) = app::of(depot) else { return };
        let Self(refusal) = self;
        refusal.write_head(depot, res);
        let page = ErrorPage {
            frame: Frame::new(&app.look, language_of(req, None)),
            kind: ErrorKind::of(&refusal),
            description: None,
            request_id: request_id(depot).to_owned(),
        };
        // A page that cannot be shown leaves the status.
        let _ = show(res, refusal.status(), &page);
    }
}

impl EndpointOutRegister for Fault {
    fn register(_: &mut Components, _: &mut Operation) {}
}
