"""Parts of pages: one folder a page, holding what only that page uses."""
