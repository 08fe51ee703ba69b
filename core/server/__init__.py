"""The server process: model cache, middleware, the visitor's cookie, memory and turns."""
