# Written by SlimDesk 0.1.0: distroless for hello (cpp)

FROM gcc:14-trixie AS build
WORKDIR /src
COPY . .
RUN mkdir -p /out && \
    gcc -O2 -static -pthread -o /out/hello ./hello.c -lm && \
    strip /out/hello && \
    readelf -lW /out/hello > /tmp/headers && \
    ! grep INTERP /tmp/headers

FROM gcr.io/distroless/static-debian13:nonroot AS final
COPY --from=build /out/hello /hello
USER 65532:65532
LABEL "org.opencontainers.image.title"="hello" \
    "org.opencontainers.image.base.name"="gcr.io/distroless/static-debian13:nonroot" \
    "io.slimdesk.component"="hello" \
    "io.slimdesk.family"="distroless" \
    "io.slimdesk.version"="0.1.0"
ENTRYPOINT ["/hello"]

# slimdesk 0.1.0: cpp distroless --component hello --path . --lines .FWvKz.KTskg.CnjrU.ReAAYPHZxvHdxwxmKLXfa..FOpYk.Ctnb4.UD4PA.LfuYSycbYz5HwxYDmzNbZ.Elq6p.
