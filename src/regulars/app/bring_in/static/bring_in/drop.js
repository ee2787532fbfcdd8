// Files dropped anywhere on the page are handed over; without a script the form does the same with two clicks.
"use strict";
{
  const form = document.getElementById("drop");
  const input = form && form.querySelector("input[type=file]");
  const send = () => {
    if (!input.files.length) return;
    const request = new XMLHttpRequest();
    const bar = document.getElementById("sending");
    form.querySelector(".sending").hidden = false;
    request.upload.addEventListener("progress", (event) => { if (event.lengthComputable) bar.value = event.loaded / event.total; });
    request.addEventListener("load", () => { location.assign(request.responseURL); if (request.responseURL === location.href) location.reload(); });
    request.addEventListener("error", () => form.submit());
    request.open("POST", form.action);
    request.send(new FormData(form));
  };
  if (form) {
    input.addEventListener("change", send);
    for (const name of ["dragenter", "dragover"]) document.addEventListener(name, (event) => { event.preventDefault(); form.classList.add("over"); });
    document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) form.classList.remove("over"); });
    document.addEventListener("drop", (event) => {
      event.preventDefault();
      form.classList.remove("over");
      if (event.dataTransfer.files.length) { input.files = event.dataTransfer.files; send(); }
    });
  }
}
