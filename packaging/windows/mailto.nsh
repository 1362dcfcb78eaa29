; Offers the program for mailto: links in the system's list of default apps. The choice stays the person's.

!macro NSIS_HOOK_POSTINSTALL
  WriteRegStr SHCTX "Software\Classes\Mailroom.mailto" "" "URL:mailto"
  WriteRegStr SHCTX "Software\Classes\Mailroom.mailto" "URL Protocol" ""
  WriteRegStr SHCTX "Software\Classes\Mailroom.mailto\DefaultIcon" "" "$\"$INSTDIR\${MAINBINARYNAME}.exe$\",0"
  WriteRegStr SHCTX "Software\Classes\Mailroom.mailto\shell\open\command" "" "$\"$INSTDIR\${MAINBINARYNAME}.exe$\" $\"%1$\""
  WriteRegStr SHCTX "Software\Clients\Mail\Mailroom" "" "Mailroom"
  WriteRegStr SHCTX "Software\Clients\Mail\Mailroom\Capabilities" "ApplicationName" "Mailroom"
  WriteRegStr SHCTX "Software\Clients\Mail\Mailroom\Capabilities" "ApplicationDescription" "Mailroom"
  WriteRegStr SHCTX "Software\Clients\Mail\Mailroom\Capabilities\URLAssociations" "mailto" "Mailroom.mailto"
  WriteRegStr SHCTX "Software\RegisteredApplications" "Mailroom" "Software\Clients\Mail\Mailroom\Capabilities"
!macroend

!macro NSIS_HOOK_POSTUNINSTALL
  DeleteRegValue SHCTX "Software\RegisteredApplications" "Mailroom"
  DeleteRegKey SHCTX "Software\Clients\Mail\Mailroom"
  DeleteRegKey SHCTX "Software\Classes\Mailroom.mailto"
!macroend
