"""The server process: model cache, middleware, visitors' cookie, memory and turns."""
