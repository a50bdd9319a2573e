/* A counted print opens the browser's print dialogue by itself. */
if (document.body.hasAttribute("data-print")) addEventListener("load", () => window.print());
