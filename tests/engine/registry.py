"""A registry on this machine that holds one image and wants a password: what a company's registry is like."""

import base64
import contextlib
import gzip
import hashlib
import http.server
import json
import threading

USER, PASSWORD = "ada", "s3cret"


def _digest(data):
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def image_blobs(layer):
    """Return (manifest, {digest: blob}) of an image with one layer, a tar."""
    packed = gzip.compress(layer, mtime=0)
    config = json.dumps(
        {
            "architecture": "amd64",
            "os": "linux",
            "config": {"Env": ["PATH=/bin"]},
            "rootfs": {"type": "layers", "diff_ids": [_digest(layer)]},
        }
    ).encode()
    kind = "application/vnd.docker.distribution.manifest.v2+json"
    manifest = {
        "schemaVersion": 2,
        "mediaType": kind,
        "config": {
            "mediaType": "application/vnd.docker.container.image.v1+json",
            "size": len(config),
            "digest": _digest(config),
        },
        "layers": [
            {
                "mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip",
                "size": len(packed),
                "digest": _digest(packed),
            }
        ],
    }
    return json.dumps(manifest).encode(), {_digest(config): config, _digest(packed): packed}


@contextlib.contextmanager
def serving(layer, name="team/base"):
    """Serve NAME:1 on 127.0.0.1; yields its full reference and the manifest's digest."""
    manifest, blobs = image_blobs(layer)
    kind = json.loads(manifest)["mediaType"]
    known = {
        f"/v2/{name}/manifests/1": (kind, manifest),
        f"/v2/{name}/manifests/{_digest(manifest)}": (kind, manifest),
    }
    known |= {
        f"/v2/{name}/blobs/{digest}": ("application/octet-stream", blob) for digest, blob in blobs.items()
    }
    known["/v2/"] = ("application/json", b"{}")
    allowed = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()

    class Handler(http.server.BaseHTTPRequestHandler):
        # Engines knock with TLS first, and go on in the clear if what answers speaks HTTP with a status line.
        default_request_version = "HTTP/1.0"

        def do_GET(self):
            status, (content, body) = 200, known.get(self.path, (None, b""))
            if self.headers.get("Authorization") != allowed:
                code = b'{"errors": [{"code": "UNAUTHORIZED", "message": "authentication required"}]}'
                status, content, body = 401, "application/json", code
            elif content is None:
                status, content, body = (
                    404,
                    "application/json",
                    b'{"errors": [{"code": "MANIFEST_UNKNOWN", "message": "manifest unknown"}]}',
                )
            self.send_response(status)
            if status == 401:
                self.send_header("WWW-Authenticate", 'Basic realm="here"')
            self.send_header("Docker-Distribution-Api-Version", "registry/2.0")
            self.send_header("Content-Type", content)
            self.send_header("Content-Length", str(len(body)))
            if status == 200 and "manifests" in self.path:
                self.send_header("Docker-Content-Digest", _digest(body))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def do_HEAD(self):
            self.do_GET()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}/{name}:1", _digest(manifest)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
