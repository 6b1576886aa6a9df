(() => {
  // The page is of somebody who is signed in; once that is over, load it anew to sign in again.
  const fetched = window.fetch;
  window.fetch = async (...asked) => {
    const response = await fetched(...asked);
    if (response.status === 401 && new URL(response.url).origin === location.origin) {
      location.reload();
    }
    return response;
  };
  const show = (told) => {
    const form = document.createElement('form');
    form.id = 'nlq-who';
    form.method = 'post';
    form.action = '/sign-out';
    const name = document.createElement('span');
    name.textContent = told.name;
    const button = document.createElement('button');
    button.textContent = 'Sign out';
    form.append(name, button);
    document.body.prepend(form);
  };
  const tell = async () => {
    const response = await fetched('/who');
    const told = response.ok ? await response.json() : {};
    if (told.sign_out) show(told);
  };
  if (document.readyState === 'loading') addEventListener('DOMContentLoaded', tell);
  else tell();
})();
