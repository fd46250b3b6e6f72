# MinIO publishes no images or binaries any more: it is built from its Go module.
FROM golang:1.26 AS build
RUN CGO_ENABLED=0 go install github.com/minio/minio@latest

FROM gcr.io/distroless/static-debian12
COPY --from=build /go/bin/minio /minio
VOLUME /data
EXPOSE 9000
ENTRYPOINT ["/minio"]
CMD ["server", "/data", "--address", ":9000"]
