// Starts Swagger UI on the API of this very server.
window.ui = window.SwaggerUIBundle({
  dom_id: "#swagger-ui",
  url: "/openapi.json",
  deepLinking: true,
  tryItOutEnabled: true,
  validatorUrl: null, // asks nobody else
});
