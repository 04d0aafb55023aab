//! Successful answers that are more than a body with status 200.

use http::{HeaderValue, StatusCode, header};
use salvo::{
    Depot, Request, Response, Writer, async_trait,
    oapi::{self, Components, EndpointOutRegister, Operation, ToSchema},
    writing::Json,
};
use serde::Serialize;

use super::precondition::etag;

/// 201 with a body.
pub struct Created<T>(pub T);

#[async_trait]
impl<T: Serialize + Send> Writer for Created<T> {
    async fn write(self, _: &mut Request, _: &mut Depot, res: &mut Response) {
        res.status_code(StatusCode::CREATED);
        res.render(Json(self.0));
    }
}

impl<T: ToSchema> EndpointOutRegister for Created<T> {
    fn register(components: &mut Components, operation: &mut Operation) {
        let content = oapi::Content::new(T::to_schema(components));
        operation.responses.insert("201", oapi::Response::new("created").add_content("application/json", content));
    }
}

/// 201 with a body, where it is found from now on, and the entity tag of its revision.
pub struct CreatedAt<T> {
    /// The path.
    pub location: String,
    /// Its revision.
    pub revision: i64,
    /// What was created.
    pub body: T,
}

#[async_trait]
impl<T: Serialize + Send> Writer for CreatedAt<T> {
    async fn write(self, _: &mut Request, _: &mut Depot, res: &mut Response) {
        res.status_code(StatusCode::CREATED);
        for (name, value) in [(header::LOCATION, self.location), (header::ETAG, etag(self.revision))] {
            if let Ok(value) = HeaderValue::try_from(value) {
                res.headers_mut().insert(name, value);
            }
        }
        res.render(Json(self.body));
    }
}

impl<T: ToSchema> EndpointOutRegister for CreatedAt<T> {
    fn register(components: &mut Components, operation: &mut Operation) {
        Created::<T>::register(components, operation);
    }
}

/// 204: done, and nothing to say.
pub struct NoContent;

#[async_trait]
impl Writer for NoContent {
    async fn write(self, _: &mut Request, _: &mut Depot, res: &mut Response) {
        res.status_code(StatusCode::NO_CONTENT);
    }
}

impl EndpointOutRegister for NoContent {
    fn register(_: &mut Components, operation: &mut Operation) {
        operation.responses.insert("204", oapi::Response::new("done"));
    }
}

/// 200 with a body and the entity tag of its revision.
pub struct Tagged<T>(pub i64, pub T);

#[async_trait]
impl<T: Serialize + Send> Writer for Tagged<T> {
    async fn write(self, _: &mut Request, _: &mut Depot, res: &mut Response) {
        if let Ok(etag) = HeaderValue::try_from(etag(self.0)) {
            res.headers_mut().insert(header::ETAG, etag);
        }
        res.render(Json(self.1));
    }
}

impl<T: ToSchema> EndpointOutRegister for Tagged<T> {
    fn register(components: &mut Components, operation: &mut Operation) {
        let content = oapi::Content::new(T::to_schema(components));
        let response = oapi::Response::new("OK, with its ETag").add_content("application/json", content);
        operation.responses.insert("200", response);
    }
}
