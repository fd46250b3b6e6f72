# MinIO publishes no images or binaries any more: it is built from its Go module.
FROM golang:1.26 AS build
RUN CGO_ENABLED=0 go install github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c && mkdir /data

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /go/bin/minio /minio
COPY --from=build --chown=nonroot:nonroot /data /data
VOLUME /data
EXPOSE 9000
ENTRYPOINT ["/minio"]
CMD ["server", "/data", "--address", ":9000"]
