FROM rust:1-alpine AS build
RUN apk add --no-cache musl-dev
WORKDIR /source
COPY . .
RUN cargo install --locked --path . --root /out

FROM alpine:3
RUN apk add --no-cache git # for --since
COPY --from=build /out/bin/tritonlint /usr/local/bin/tritonlint
WORKDIR /models
ENTRYPOINT ["tritonlint"]
CMD ["check"]
